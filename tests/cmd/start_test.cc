// What a start makes of things that are not there yet, or are wrong, and how it says so.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <fstream>
#include <thread>

#include "cmd/health_page.h"
#include "cmd/metrics/admission_metrics.h"
#include "cmd/policy_follower.h"
#include "cmd/registry_stack.h"
#include "scanner/rules/rule_pack.h"
#include "scanner/store/sqlite_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TempFolder;

class DockerConfig : public ::testing::Test {
 protected:
  DockerConfig() { config_.docker_config = folder_.path(); }

  Result<std::unique_ptr<RegistryStack>> Create() {
    return RegistryStack::Create(config_, clock_, logger_, nullptr);
  }

  TempFolder folder_;
  FakeClock clock_;
  FakeLogger logger_;
  RegistriesConfig config_;
};

// A Secret may be optional.
TEST_F(DockerConfig, ThatDoesNotExistIsAWarning) {
  for (const std::string below : {"", "/none"}) {
    config_.docker_config = folder_.path() + below;
    EXPECT_THAT(Create(), IsOk());
  }
  const auto said = logger_.Find("no credentials: registries are asked without any");
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_EQ(said[0].level, log::Level::kWarning);
  EXPECT_THAT(said[0].fields.at("why"), HasSubstr("config.json"));
}

TEST_F(DockerConfig, ThatIsDamagedIsAnError) {
  std::ofstream(folder_.path() + "/config.json") << "{";
  EXPECT_THAT(Create(), ErrorIs(ErrorCode::kInvalidArgument, "registries.dockerConfig"));
}

TEST_F(DockerConfig, ThatAPersonTypedHasToExist) {
  config_.typed_by_a_person = true;
  EXPECT_THAT(Create(), ErrorIs(ErrorCode::kNotFound, "registries.dockerConfig"));
}

TEST(ScannerCheck, TellsTheLastWordsOfOneThatDies) {
  FakeLogger logger;
  HealthPage page;
  Supervisor scanner({"/bin/sh", "-c", "printf 'no room' >&3; exit 2"}, logger);
  page.AddScannerCheck(scanner);
  scanner.Start();
  while (scanner.restarts() < 1) std::this_thread::yield();
  const auto report = page.checks().Run();
  scanner.Stop();
  EXPECT_TRUE(report.ready);
  EXPECT_THAT(report.body, AllOf(HasSubstr("scanner: "), HasSubstr("started again "),
                                 HasSubstr("ended with exit code 2: no room")));
}

TEST(ScannerCheck, IsBriefAboutOneThatRuns) {
  FakeLogger logger;
  HealthPage page;
  Supervisor scanner({"/bin/sleep", "1000"}, logger);
  page.AddScannerCheck(scanner);
  scanner.Start();
  while (!scanner.IsRunning()) std::this_thread::yield();
  EXPECT_THAT(page.checks().Run().body, HasSubstr("[+] scanner: ok\n"));
}

// Nobody else writes into descriptor 3 of this process.
TEST(SayLastWords, IsSilentWithoutASupervisor) {
  SayLastWords("nothing");
}

// A gate whose policies come from a folder.
class PolicyStart : public ::testing::Test {
 protected:
  void Write(const std::string& spec) {
    std::ofstream(folder_.path() + "/p.yaml")
        << "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: a}\nspec: " << spec
        << "\n";
  }

  TempFolder folder_;
  FakeClock clock_;
  FakeLogger logger_;
  prometheus::Registry registry_;
  std::unique_ptr<RegistryStack> stack_ = *RegistryStack::Create({}, clock_, logger_, nullptr);
  std::unique_ptr<store::Store> store_ = *store::SqliteStore::OpenInMemory(logger_);
  const rules::RulePack pack_ = rules::RulePack::BuiltIn();
  AdmissionMetrics metrics_{registry_};
  gate::Gate gate_{stack_->source(), *store_, pack_, clock_, logger_, metrics_, {}};
  PolicyFollower follower_{{folder_.path()},
                           [this](auto policies) { gate_.SetPolicies(std::move(policies)); },
                           logger_,
                           registry_};
};

TEST_F(PolicyStart, WithBadOnesSaysThatOnlyTheDefaultIsInForce) {
  Write("{mode: block}");
  follower_.Start();
  EXPECT_FALSE(follower_.IsLoaded());
  EXPECT_THAT(logger_.Find("policies are bad, none are in force yet but the built-in default"),
              SizeIs(1));
}

TEST_F(PolicyStart, WithGoodOnesIsLoaded) {
  Write("{mode: warn}");
  follower_.Start();
  EXPECT_TRUE(follower_.IsLoaded());
  EXPECT_THAT(logger_.Find("policies in force"), SizeIs(1));
}

}  // namespace
}  // namespace xzgate::cmd
