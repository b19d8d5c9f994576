#include "webhook/server/health_registry.h"

#include <gtest/gtest.h>

namespace xzgate::server {
namespace {

HealthRegistry::Check Says(bool ok, std::string text) {
  return [ok, text] { return CheckResult{.ok = ok, .text = text}; };
}

TEST(HealthRegistry, IsReadyWithoutChecks) {
  const auto report = HealthRegistry().Run();
  EXPECT_TRUE(report.ready);
  EXPECT_EQ(report.body, "ready\n");
}

TEST(HealthRegistry, ListsEachCheckInOrder) {
  HealthRegistry health;
  health.Add("store", true, Says(true, "12 digests"));
  health.Add("policy", false, Says(false, "kept the old one"));
  const auto report = health.Run();
  EXPECT_TRUE(report.ready);
  EXPECT_EQ(report.body, "[+] store: 12 digests\n[!] policy: kept the old one\nready\n");
}

TEST(HealthRegistry, IsNotReadyWhenARequiredCheckFails) {
  HealthRegistry health;
  health.Add("certificate", true, Says(false, "none yet"));
  const auto report = health.Run();
  EXPECT_FALSE(report.ready);
  EXPECT_EQ(report.body, "[-] certificate: none yet\nnot ready\n");
}

TEST(HealthRegistry, IsNotReadyOnceShuttingDown) {
  HealthRegistry health;
  health.Add("store", true, Says(true, ""));
  health.BeginShutdown();
  const auto report = health.Run();
  EXPECT_FALSE(report.ready);
  EXPECT_EQ(report.body, "[-] shutdown: in progress\n[+] store\nnot ready\n");
}

TEST(HealthRegistry, KeepsATextOnItsLine) {
  HealthRegistry health;
  health.Add("store", false, Says(false, "a\n[+] b"));
  EXPECT_EQ(health.Run().body.find("\n[+] b"), std::string::npos);
}

}  // namespace
}  // namespace xzgate::server
