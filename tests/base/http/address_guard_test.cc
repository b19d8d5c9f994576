#include "base/http/address_guard.h"

#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;

struct Case {
  std::string address;
  std::string purpose;  // part of the name, empty for public
};

class AddressGuardTable : public ::testing::TestWithParam<Case> {};

TEST_P(AddressGuardTable, NamesThePurpose) {
  const auto address = IpAddress::Parse(GetParam().address);
  ASSERT_TRUE(address) << GetParam().address;
  EXPECT_EQ(IsPublicAddress(*address), GetParam().purpose.empty());
  EXPECT_THAT(std::string(SpecialPurpose(*address).value_or("")), HasSubstr(GetParam().purpose));
}

const Case kAddresses[] = {
    {"0.0.0.0", "unspecified"},
    {"0.255.255.255", "unspecified"},
    {"1.0.0.0", ""},
    {"9.255.255.255", ""},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", ""},
    {"100.63.255.255", ""},
    {"100.64.0.1", "carriers"},
    {"100.100.100.200", "carriers"},  // a cloud's metadata
    {"100.128.0.0", ""},
    {"127.0.0.1", "loopback"},
    {"127.255.255.254", "loopback"},
    {"128.0.0.1", ""},
    {"168.63.129.16", "platform"},
    {"169.254.0.1", "link-local"},
    {"169.254.169.254", "metadata"},
    {"172.15.255.255", ""},
    {"172.16.0.1", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", ""},
    {"192.0.0.192", "protocol"},  // another cloud's metadata
    {"192.0.2.1", "documentation"},
    {"192.88.99.1", "6to4"},
    {"192.168.255.255", "private"},
    {"192.169.0.0", ""},
    {"198.17.255.255", ""},
    {"198.18.0.1", "benchmarking"},
    {"198.19.255.255", "benchmarking"},
    {"198.51.100.7", "documentation"},
    {"203.0.113.7", "documentation"},
    {"223.255.255.255", ""},
    {"224.0.0.1", "multicast"},
    {"240.0.0.1", "reserved"},
    {"255.255.255.255", "broadcast"},
    {"8.8.8.8", ""},
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"::127.0.0.1", "IPv4-compatible"},
    {"::8.8.8.8", "IPv4-compatible"},
    {"::ffff:169.254.169.254", "metadata"},
    {"::ffff:127.0.0.1", "loopback"},
    {"::ffff:0.0.0.0", "unspecified"},
    {"::ffff:8.8.8.8", ""},
    {"64:ff9b::10.0.0.1", "private"},
    {"64:ff9b::169.254.169.254", "metadata"},
    {"64:ff9b::8.8.8.8", ""},
    {"64:ff9b:1::8.8.8.8", "NAT64"},
    {"100::1", "discard"},
    {"2001::1", "Teredo"},
    {"2001:10::1", "protocol"},
    {"2001:db8::1", "documentation"},
    {"2002:a00:1::1", "6to4"},
    {"2002:808:808::1", "6to4"},
    {"2606:4700::1111", ""},
    {"2a00:1450:4001::1", ""},
    {"3fff::1", "documentation"},
    {"4000::1", "unassigned"},
    {"5f00::1", "segment"},
    {"fc00::1", "unique local"},
    {"fd00:ec2::254", "unique local"},  // metadata by IPv6
    {"fe80::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},
};

INSTANTIATE_TEST_SUITE_P(All, AddressGuardTable, ::testing::ValuesIn(kAddresses),
                         [](const auto& param) {
                           std::string name = param.param.address;
                           for (char& c : name) {
                             if (c == '.' || c == ':') c = c == '.' ? '_' : 'c';
                           }
                           return "A" + name;
                         });

TEST(AddressGuardTest, SaysHowToAllowWhatItRefuses) {
  const auto checked = AddressGuard().Check("reg.corp", *IpAddress::Parse("10.1.2.3"));
  ASSERT_THAT(checked, ErrorIs(ErrorCode::kPermissionDenied, "reg.corp"));
  EXPECT_THAT(checked.error().message(), HasSubstr("10.1.2.3"));
  EXPECT_THAT(checked.error().message(), HasSubstr("registries.allowedCIDRs"));
  EXPECT_THAT(checked.error().message(), HasSubstr("registries.allowedHosts"));
}

TEST(AddressGuardTest, LetsAllowedNetworksThrough) {
  const auto guard = AddressGuard::Create({"10.1.0.0/16", "fd00::/8"}, {});
  ASSERT_THAT(guard, IsOk());
  EXPECT_THAT(guard->Check("h", *IpAddress::Parse("10.1.255.255")), IsOk());
  EXPECT_THAT(guard->Check("h", *IpAddress::Parse("::ffff:10.1.2.3")), IsOk());
  EXPECT_THAT(guard->Check("h", *IpAddress::Parse("fd12::1")), IsOk());
  EXPECT_THAT(guard->Check("h", *IpAddress::Parse("8.8.8.8")), IsOk());
  EXPECT_THAT(guard->Check("h", *IpAddress::Parse("10.2.0.0")),
              ErrorIs(ErrorCode::kPermissionDenied));
}

TEST(AddressGuardTest, LetsAllowedHostsThrough) {
  const auto guard = AddressGuard::Create({}, {"*.corp.example", "Registry"});
  ASSERT_THAT(guard, IsOk());
  const auto loopback = *IpAddress::Parse("127.0.0.1");
  EXPECT_THAT(guard->Check("a.corp.example", loopback), IsOk());
  EXPECT_THAT(guard->Check("registry", loopback), IsOk());
  EXPECT_THAT(guard->Check("corp.example", loopback), ErrorIs(ErrorCode::kPermissionDenied));
  EXPECT_THAT(guard->Check("a.corp.example.evil", loopback), ErrorIs(ErrorCode::kPermissionDenied));
}

TEST(AddressGuardTest, RefusesBadSettings) {
  EXPECT_THAT(AddressGuard::Create({"10.0.0.1/8"}, {}),
              ErrorIs(ErrorCode::kInvalidArgument, "allowedCIDRs"));
  for (const char* host : {"", "https://h", "h:5000", "h/x", "u@h"}) {
    EXPECT_THAT(AddressGuard::Create({}, {host}),
                ErrorIs(ErrorCode::kInvalidArgument, "allowedHosts"));
  }
}

TEST(AddressGuardTest, ReadsAddressesInEverySpellingForAProxy) {
  const AddressGuard guard;
  for (const char* host : {"127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "169.254.169.254",
                           "::1", "::ffff:10.0.0.1", "0", "localhost", "x.LOCALHOST"}) {
    EXPECT_THAT(guard.CheckName(host), ErrorIs(ErrorCode::kPermissionDenied)) << host;
  }
  for (const char* host : {"reg.example", "8.8.8.8", "localhost.example", "2606:4700::1111"}) {
    EXPECT_THAT(guard.CheckName(host), IsOk()) << host;
  }
}

}  // namespace
}  // namespace xzgate::http
