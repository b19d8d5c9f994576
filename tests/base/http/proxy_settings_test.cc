#include "base/http/proxy_settings.h"

#include <gmock/gmock.h>

#include <map>

namespace xzgate::http {
namespace {

using ::testing::ElementsAre;

ProxySettings FromVariables(const std::map<std::string, std::string>& variables) {
  return ProxySettings::FromEnvironment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(ProxySettingsTest, ReadsTheEnvironment) {
  const auto settings = FromVariables({{"HTTPS_PROXY", "http://a:1"},
                                       {"HTTP_PROXY", "http://b:2"},
                                       {"http_proxy", "http://c:3"},
                                       {"NO_PROXY", " x.example , 10.0.0.0/8,,"}});
  EXPECT_EQ(settings.https_proxy, "http://a:1");
  EXPECT_EQ(settings.http_proxy, "http://c:3");
  EXPECT_THAT(settings.no_proxy, ElementsAre("x.example", "10.0.0.0/8"));
}

TEST(ProxySettingsTest, ChoosesByScheme) {
  const ProxySettings settings = {.https_proxy = "http://a", .http_proxy = "http://b"};
  EXPECT_EQ(settings.ProxyFor({"https", "h", 443}), "http://a");
  EXPECT_EQ(settings.ProxyFor({"http", "h", 80}), "http://b");
  EXPECT_FALSE(ProxySettings{}.ProxyFor({"https", "h", 443}));
}

struct Case {
  std::string name;
  std::string entry;
  Origin origin;
  bool direct;
};

class NoProxy : public ::testing::TestWithParam<Case> {};

TEST_P(NoProxy, DecidesWhatIsDirect) {
  const ProxySettings settings = {.https_proxy = "http://p", .no_proxy = {GetParam().entry}};
  EXPECT_EQ(!settings.ProxyFor(GetParam().origin), GetParam().direct);
}

const Case kCases[] = {
    {"Star", "*", {"https", "h", 443}, true},
    {"SameName", "reg.example", {"https", "reg.example", 443}, true},
    {"UpperCase", "REG.Example", {"https", "reg.example", 443}, true},
    {"Below", "example", {"https", "reg.example", 443}, true},
    {"BelowWithDot", ".example", {"https", "reg.example", 443}, true},
    {"BelowWithStar", "*.example", {"https", "reg.example", 443}, true},
    {"ItselfWithDot", ".reg.example", {"https", "reg.example", 443}, true},
    {"NotHalfALabel", "ample", {"https", "reg.example", 443}, false},
    {"NotAbove", "a.reg.example", {"https", "reg.example", 443}, false},
    {"Port", "reg.example:5000", {"https", "reg.example", 5000}, true},
    {"OtherPort", "reg.example:5000", {"https", "reg.example", 443}, false},
    {"Address", "10.1.2.3", {"https", "10.1.2.3", 443}, true},
    {"AddressAndPort", "10.1.2.3:5000", {"https", "10.1.2.3", 5000}, true},
    {"Network", "10.0.0.0/8", {"https", "10.1.2.3", 443}, true},
    {"OtherNetwork", "10.0.0.0/8", {"https", "11.1.2.3", 443}, false},
    {"NetworkAndName", "10.0.0.0/8", {"https", "reg.example", 443}, false},
    {"V6", "fd00::1", {"https", "fd00::1", 443}, true},
    {"V6Network", "fd00::/8", {"https", "fd00::1", 443}, true},
    {"V6AndPort", "[fd00::1]:5000", {"https", "fd00::1", 5000}, true},
    {"V6AndOtherPort", "[fd00::1]:5000", {"https", "fd00::1", 443}, false},
    {"Empty", "", {"https", "h", 443}, false},
};

INSTANTIATE_TEST_SUITE_P(All, NoProxy, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace xzgate::http
