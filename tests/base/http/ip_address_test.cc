#include "base/http/ip_address.h"

#include <netinet/in.h>

#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using testing::ErrorIs;
using testing::IsOk;

TEST(IpAddressTest, ReadsAndPrints) {
  for (const char* text : {"1.2.3.4", "255.255.255.255", "::", "2001:db8::1", "::ffff:1.2.3.4"}) {
    const auto address = IpAddress::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(IpAddressTest, RefusesWhatIsNotOneAddress) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "0x1.2.3.4", "[::1]",
                           "::1%eth0", "1.2.3.4 ", "host", "2130706433"}) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string("1.2.3.4\0x", 9)));
}

TEST(IpAddressTest, ReadsOldSpellingsOnRequest) {
  for (const char* text : {"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7F.0.1",
                           "017700000001", "127.0.0.1"}) {
    const auto address = IpAddress::ParseLegacy(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->ToString(), "127.0.0.1") << text;
  }
  for (const char* text : {"", "host", "127.0.0.1 x", "1.2.3.4.5", "0xg", "99999999999"}) {
    EXPECT_FALSE(IpAddress::ParseLegacy(text)) << text;
  }
}

TEST(IpAddressTest, ReadsSockaddr) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x0A000001);
  EXPECT_EQ(IpAddress::FromSockaddr(reinterpret_cast<sockaddr*>(&v4))->ToString(), "10.0.0.1");
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  EXPECT_EQ(IpAddress::FromSockaddr(reinterpret_cast<sockaddr*>(&v6))->ToString(), "::1");
  const sockaddr local = {.sa_family = AF_UNIX, .sa_data = {}};
  EXPECT_FALSE(IpAddress::FromSockaddr(&local));
}

TEST(IpAddressTest, FindsTheAddressInside) {
  EXPECT_EQ(IpAddress::Parse("::ffff:10.1.2.3")->EmbeddedV4()->ToString(), "10.1.2.3");
  EXPECT_EQ(IpAddress::Parse("64:ff9b::a01:203")->EmbeddedV4()->ToString(), "10.1.2.3");
  EXPECT_FALSE(IpAddress::Parse("2001:db8::a01:203")->EmbeddedV4());
  EXPECT_FALSE(IpAddress::Parse("10.1.2.3")->EmbeddedV4());
}

TEST(IpNetworkTest, ContainsExactlyItsBlock) {
  const auto network = IpNetwork::Parse("100.64.0.0/10");
  ASSERT_THAT(network, IsOk());
  EXPECT_EQ(network->ToString(), "100.64.0.0/10");
  EXPECT_TRUE(network->Contains(*IpAddress::Parse("100.64.0.0")));
  EXPECT_TRUE(network->Contains(*IpAddress::Parse("100.127.255.255")));
  EXPECT_FALSE(network->Contains(*IpAddress::Parse("100.63.255.255")));
  EXPECT_FALSE(network->Contains(*IpAddress::Parse("100.128.0.0")));
  EXPECT_FALSE(network->Contains(*IpAddress::Parse("::")));
}

TEST(IpNetworkTest, TakesTheWidestAndTheNarrowest) {
  EXPECT_TRUE(IpNetwork::Parse("0.0.0.0/0")->Contains(*IpAddress::Parse("255.255.255.255")));
  EXPECT_TRUE(IpNetwork::Parse("::1")->Contains(*IpAddress::Parse("::1")));
  EXPECT_FALSE(IpNetwork::Parse("::1/128")->Contains(*IpAddress::Parse("::2")));
}

TEST(IpNetworkTest, RefusesWhatIsNoBlock) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                           "10.0.0.1/8", "fd00::1/8", "host/8", "10.0.0.0/8/8"}) {
    EXPECT_THAT(IpNetwork::Parse(text), ErrorIs(ErrorCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace xzgate::http
