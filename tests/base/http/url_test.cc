#include "base/http/url.h"

#include "tests/support/result_matchers.h"

namespace xzgate::http {
namespace {

using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

struct AcceptCase {
  std::string name;
  std::string text;
  Origin origin;
  std::string target;
  std::string printed;
};

class UrlAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(UrlAccepts, AndPrintsWhatItReads) {
  const auto url = Url::Parse(GetParam().text);
  ASSERT_THAT(url, IsOk());
  EXPECT_EQ(url->origin(), GetParam().origin);
  EXPECT_EQ(url->target(), GetParam().target);
  EXPECT_EQ(url->ToString(), GetParam().printed);
  EXPECT_EQ(*Url::Parse(url->ToString()), *url);
}

const AcceptCase kAccepted[] = {
    {"Plain",
     "https://reg.example/v2/",
     {"https", "reg.example", 443},
     "/v2/",
     "https://reg.example/v2/"},
    {"NoPath", "http://reg.example", {"http", "reg.example", 80}, "/", "http://reg.example/"},
    {"QueryWithoutPath", "https://h?a=b", {"https", "h", 443}, "/?a=b", "https://h/?a=b"},
    {"UpperCase",
     "HTTPS://Reg.EXAMPLE/V2",
     {"https", "reg.example", 443},
     "/V2",
     "https://reg.example/V2"},
    {"OwnPort", "https://h:443/", {"https", "h", 443}, "/", "https://h/"},
    {"OtherPort", "https://h:65535/", {"https", "h", 65535}, "/", "https://h:65535/"},
    {"LowestPort", "http://h:1/", {"http", "h", 1}, "/", "http://h:1/"},
    {"V4", "https://10.0.0.1:5000/", {"https", "10.0.0.1", 5000}, "/", "https://10.0.0.1:5000/"},
    {"V6",
     "https://[2001:DB8:0::1]:5000/x",
     {"https", "2001:db8::1", 5000},
     "/x",
     "https://[2001:db8::1]:5000/x"},
    {"Underscore", "http://my_registry/", {"http", "my_registry", 80}, "/", "http://my_registry/"},
    {"EscapesStay",
     "https://h/a%2Fb%2f?sig=a%2Bb%3D%3D%25&c=d+e",
     {"https", "h", 443},
     "/a%2Fb%2f?sig=a%2Bb%3D%3D%25&c=d+e",
     "https://h/a%2Fb%2f?sig=a%2Bb%3D%3D%25&c=d+e"},
    {"DotSegmentsStay",
     "https://h/a/../b/./c",
     {"https", "h", 443},
     "/a/../b/./c",
     "https://h/a/../b/./c"},
};

INSTANTIATE_TEST_SUITE_P(All, UrlAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  std::string text;
};

class UrlRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(UrlRejects, AsInvalid) {
  EXPECT_THAT(Url::Parse(GetParam().text), ErrorIs(ErrorCode::kInvalidArgument));
}

const RejectCase kRejected[] = {
    {"Empty", ""},
    {"Relative", "/v2/"},
    {"NoScheme", "reg.example/v2/"},
    {"OtherScheme", "ftp://h/"},
    {"File", "file:///etc/passwd"},
    {"NoSlashes", "https:h/"},
    {"OneSlash", "https:/h/"},
    {"NoHost", "https:///x"},
    {"OnlyPort", "https://:443/"},
    {"EmptyPort", "https://h:/"},
    {"PortZero", "https://h:0/"},
    {"PortTooHigh", "https://h:65536/"},
    {"PortHuge", "https://h:99999999999999999999/"},
    {"PortSigned", "https://h:+80/"},
    {"PortNotANumber", "https://h:80a/"},
    {"User", "https://user@h/"},
    {"Password", "https://user:secret@h/"},
    {"Fragment", "https://h/#x"},
    {"Space", "https://h/a b"},
    {"LineEnd", "https://h/a\r\nX: y"},
    {"Nul", std::string("https://h/\0x", 11)},
    {"Delete", "https://h/\x7F"},
    {"NotAscii", "https://h/\xC3\xA9"},
    {"Backslash", "https://h\\.evil/"},
    {"EscapeInHost", "https://h%2Fevil/"},
    {"EmptyLabel", "https://a..b/"},
    {"TrailingDot", "https://a./"},
    {"LongLabel", "https://" + std::string(64, 'a') + "/"},
    {"BareV6", "https://::1/"},
    {"OpenBracket", "https://[::1/"},
    {"V4InBrackets", "https://[1.2.3.4]/"},
    {"Zone", "https://[fe80::1%25eth0]/"},
    {"AfterBracket", "https://[::1]x/"},
    {"TooLong", "https://h/" + std::string(kMaxUrlBytes - 9, 'a')},
    {"TooLongOncePrinted", "https://h?" + std::string(kMaxUrlBytes - 10, 'a')},
};

INSTANTIATE_TEST_SUITE_P(All, UrlRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

TEST(UrlTest, TakesTheLongestUrl) {
  EXPECT_THAT(Url::Parse("https://h/" + std::string(kMaxUrlBytes - 10, 'a')), IsOk());
}

TEST(UrlTest, KeepsSecretsOutOfMessages) {
  for (const char* text : {"https://user:secret@h/", "ftp://h/?sig=secret", "user:secret@h/x"}) {
    const auto url = Url::Parse(text);
    ASSERT_FALSE(url);
    EXPECT_THAT(url.error().message(), Not(HasSubstr("secret"))) << text;
  }
  EXPECT_EQ(Url::Parse("https://h/p?sig=secret")->ToRedacted(), "https://h/p");
}

struct ResolveCase {
  std::string name;
  std::string reference;
  std::string want;
};

class UrlResolves : public ::testing::TestWithParam<ResolveCase> {};

TEST_P(UrlResolves, AgainstItself) {
  const auto base = Url::Parse("https://reg.example:5000/b/c/d?q");
  const auto url = base->Resolve(GetParam().reference);
  ASSERT_THAT(url, IsOk());
  EXPECT_EQ(url->ToString(), GetParam().want);
}

// RFC 3986, section 5.4, as far as it has no fragment.
const ResolveCase kResolved[] = {
    {"Absolute", "http://x/y?z", "http://x/y?z"},
    {"AbsoluteKeepsBytes", "https://s3.example/a/../%2F?X-Amz-Credential=AK%2F2026&sig=a%2Bb%3D%25",
     "https://s3.example/a/../%2F?X-Amz-Credential=AK%2F2026&sig=a%2Bb%3D%25"},
    {"OtherHost", "//g", "https://g/"},
    {"AbsolutePath", "/g", "https://reg.example:5000/g"},
    {"AbsolutePathWithQuery", "/v2/_catalog?last=a%2Fb&n=1",
     "https://reg.example:5000/v2/_catalog?last=a%2Fb&n=1"},
    {"Relative", "g", "https://reg.example:5000/b/c/g"},
    {"RelativeWithDot", "./g", "https://reg.example:5000/b/c/g"},
    {"Query", "?y", "https://reg.example:5000/b/c/d?y"},
    {"RelativeWithQuery", "g?y/../x", "https://reg.example:5000/b/c/g?y/../x"},
    {"Empty", "", "https://reg.example:5000/b/c/d?q"},
    {"Dot", ".", "https://reg.example:5000/b/c/"},
    {"DotDot", "..", "https://reg.example:5000/b/"},
    {"UpAndDown", "../g", "https://reg.example:5000/b/g"},
    {"PastTheRoot", "../../../g", "https://reg.example:5000/g"},
    {"DotsInPath", "/./g/../h", "https://reg.example:5000/h"},
    {"DotsInName", "g..", "https://reg.example:5000/b/c/g.."},
    {"ColonInPath", "/a:b", "https://reg.example:5000/a:b"},
};

INSTANTIATE_TEST_SUITE_P(All, UrlResolves, ::testing::ValuesIn(kResolved),
                         [](const auto& param) { return param.param.name; });

TEST(UrlTest, RefusesReferencesThatLeaveHttp) {
  const auto base = Url::Parse("https://h/");
  for (const char* reference : {"javascript:x", "ftp://h/", "//user@h/", "g#f", "a b", "//h:0/"}) {
    EXPECT_THAT(base->Resolve(reference), ErrorIs(ErrorCode::kInvalidArgument)) << reference;
  }
}

TEST(OriginTest, PrintsThePortAlways) {
  EXPECT_EQ(Url::Parse("https://h/")->origin().ToString(), "https://h:443");
  EXPECT_EQ(Url::Parse("http://[::1]:5000/")->origin().ToString(), "http://[::1]:5000");
}

}  // namespace
}  // namespace xzgate::http
