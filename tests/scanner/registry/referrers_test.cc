#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/registry/referrer_page.h"
#include "scanner/registry/registry_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeAnswer;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeTransport;
using ::xzgate::testing::IsOk;

const std::string kIndexType(oci::kOciIndex);

oci::Digest DigestOf(const std::string& text) {
  return oci::Digest::Of(AsBytes(text));
}

// An entry of an index, with further members.
std::string Entry(const std::string& of, const std::string& members = "") {
  return R"({"mediaType":")" + std::string(oci::kOciManifest) + R"(","digest":")" +
         DigestOf(of).ToString() + R"(","size":7)" + members + "}";
}
std::string Index(const std::string& entries) {
  return R"({"schemaVersion":2,"mediaType":")" + kIndexType + R"(","manifests":[)" + entries + "]}";
}
std::string IndexOf(std::size_t count) {
  std::string entries;
  for (std::size_t i = 0; i < count; ++i) entries += (i == 0 ? "" : ",") + Entry(std::to_string(i));
  return Index(entries);
}

class ListReferrersTest : public ::testing::Test {
 protected:
  static FakeAnswer Page(std::string body, const std::string& next = "") {
    FakeAnswer answer{.headers = {{"Content-Type", kIndexType}}, .body = std::move(body)};
    if (!next.empty()) answer.headers.Add("Link", "<" + next + R"(>; rel="next")");
    return answer;
  }
  void Given(FakeAnswer answer) { net_.On(http::Method::kGet, first_, std::move(answer)); }
  Result<ReferrerList> List(std::size_t max = 100) {
    return client_.ListReferrers(subject_, max, Access{});
  }

  const oci::PinnedReference subject_{{"reg.example", "a/b"}, DigestOf("image")};
  const std::string first_ = "https://reg.example/v2/a/b/referrers/" + DigestOf("image").ToString();
  FakeTransport net_;
  Keychain keychain_;
  FakeClock clock_;
  RegistryClient client_{net_, keychain_, clock_};
};

TEST_F(ListReferrersTest, ReadsOnePageAndAsksForNoType) {
  Given(Page(Index(Entry("1", R"(,"artifactType":"x/y","annotations":{"a":"b"})"))));
  const auto list = List();
  ASSERT_THAT(list, IsOk());
  ASSERT_THAT(list->manifests, SizeIs(1));
  EXPECT_EQ(list->manifests[0].digest, DigestOf("1"));
  EXPECT_EQ(list->manifests[0].artifact_type, "x/y");
  EXPECT_THAT(list->manifests[0].annotations, SizeIs(1));
  EXPECT_FALSE(list->has_more);
  EXPECT_EQ(net_.requests()[0].headers.Find("Accept"), kIndexType);
}

TEST_F(ListReferrersTest, ReadsNone) {
  Given(Page(Index("")));
  EXPECT_THAT(List()->manifests, IsEmpty());
}

TEST_F(ListReferrersTest, TakesAContentTypeWithParameters) {
  Given({.headers = {{"Content-Type", "Application/vnd.oci.image.index.v1+JSON; charset=utf-8"}},
         .body = IndexOf(1)});
  EXPECT_THAT(List()->manifests, SizeIs(1));
}

TEST_F(ListReferrersTest, FollowsPagesOfTheSameOrigin) {
  Given(Page(Index(Entry("1")), "/v2/a/b/next?last=1"));
  net_.On(http::Method::kGet, "https://reg.example/v2/a/b/next?last=1", Page(Index(Entry("2"))));
  EXPECT_THAT(List()->manifests, SizeIs(2));
  EXPECT_FALSE(List()->has_more);
}

TEST_F(ListReferrersTest, FollowsNoPageToAnotherOrigin) {
  for (const std::string next : {"https://evil.example/x", "http://reg.example/x",
                                 "https://reg.example:8443/x", "//169.254.169.254/latest"}) {
    FakeTransport net;
    net.On(http::Method::kGet, first_, Page(Index(Entry("1")), next));
    RegistryClient client(net, keychain_, clock_);
    EXPECT_THAT(client.ListReferrers(subject_, 100, Access{}),
                ErrorIs(ErrorCode::kPermissionDenied))
        << next;
  }
}

TEST_F(ListReferrersTest, SaysThatThereAreMoreThanWereAskedFor) {
  Given(Page(IndexOf(3)));
  EXPECT_FALSE(List(3)->has_more);
  EXPECT_TRUE(List(2)->has_more);
  EXPECT_THAT(List(2)->manifests, SizeIs(2));
}

TEST_F(ListReferrersTest, AsksForNoPageThatItDoesNotNeed) {
  Given(Page(IndexOf(3), "https://reg.example/never"));
  EXPECT_TRUE(List(3)->has_more);
  EXPECT_EQ(net_.requests().size(), 1U);
}

// CVE-2023-46737: the registry never comes to an end.
TEST_F(ListReferrersTest, EndsEndlessPages) {
  Given(Page(Index(""), first_));
  EXPECT_TRUE(List()->has_more);
  EXPECT_EQ(net_.requests().size(), static_cast<std::size_t>(RegistryClient::kMaxReferrerPages));
}

TEST_F(ListReferrersTest, ReadsTenThousandAndKeepsWhatWasAskedFor) {
  Given(Page(IndexOf(10'000)));
  const auto list = List(50);
  ASSERT_THAT(list, IsOk());
  EXPECT_THAT(list->manifests, SizeIs(50));
  EXPECT_TRUE(list->has_more);
}

TEST_F(ListReferrersTest, HoldsTheLimitOfAPage) {
  std::string page = IndexOf(1);
  page.resize(kMaxReferrerPageBytes, ' ');
  Given(Page(page));
  Given(Page(page + ' '));
  EXPECT_THAT(List()->manifests, SizeIs(1));
  EXPECT_THAT(List(), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(ListReferrersTest, LeavesOutHintsThatAreTooLong) {
  const auto with = [](std::size_t bytes) {
    return Entry("1", R"(,"annotations":{"k":")" + std::string(bytes - 1, 'x') + "\"}");
  };
  Given(Page(Index(with(kMaxReferrerHintBytes))));
  Given(Page(Index(with(kMaxReferrerHintBytes + 1))));
  EXPECT_THAT(List()->manifests[0].annotations, SizeIs(1));
  EXPECT_THAT(List()->manifests[0].annotations, IsEmpty());
}

TEST_F(ListReferrersTest, CountsADigestOfAnUnknownAlgorithmAsMore) {
  Given(Page(Index(R"({"mediaType":"a/b","digest":"blake3:00","size":1},)" + Entry("1"))));
  const auto list = List();
  ASSERT_THAT(list, IsOk());
  EXPECT_THAT(list->manifests, SizeIs(1));
  EXPECT_TRUE(list->has_more);
}

struct AnswerCase {
  std::string name;
  FakeAnswer answer;
  ErrorCode want;
};
void PrintTo(const AnswerCase& answer, std::ostream* out) {
  *out << answer.name;
}

class ListReferrersFails : public ListReferrersTest,
                           public ::testing::WithParamInterface<AnswerCase> {};

TEST_P(ListReferrersFails, WithTheRightCode) {
  Given(GetParam().answer);
  EXPECT_THAT(List(), ErrorIs(GetParam().want));
}

FakeAnswer Index200(std::string body) {
  return {.headers = {{"Content-Type", kIndexType}}, .body = std::move(body)};
}

INSTANTIATE_TEST_SUITE_P(
    Table, ListReferrersFails,
    ::testing::Values(
        AnswerCase{"BadRequest", {.status = 400}, ErrorCode::kUnsupported},
        AnswerCase{"NotFound", {.status = 404}, ErrorCode::kUnsupported},
        AnswerCase{"MethodNotAllowed", {.status = 405}, ErrorCode::kUnsupported},
        AnswerCase{"NotAcceptable", {.status = 406}, ErrorCode::kUnsupported},
        AnswerCase{"Html",
                   {.headers = {{"Content-Type", "text/html"}}, .body = "<html>"},
                   ErrorCode::kUnsupported},
        AnswerCase{"PlainJson",
                   {.headers = {{"Content-Type", "application/json"}}, .body = IndexOf(1)},
                   ErrorCode::kUnsupported},
        AnswerCase{"NoContentType", {.body = IndexOf(1)}, ErrorCode::kUnsupported},
        AnswerCase{"Manifest",
                   {.headers = {{"Content-Type", std::string(oci::kOciManifest)}}},
                   ErrorCode::kUnsupported},
        AnswerCase{"Unauthorized", {.status = 401}, ErrorCode::kUnauthenticated},
        AnswerCase{"Forbidden", {.status = 403}, ErrorCode::kPermissionDenied},
        AnswerCase{"TooManyRequests", {.status = 429}, ErrorCode::kUnavailable},
        AnswerCase{"ServerError", {.status = 500}, ErrorCode::kUnavailable},
        AnswerCase{"NoConnection",
                   {.error = Error(ErrorCode::kUnavailable, "refused")},
                   ErrorCode::kUnavailable},
        AnswerCase{"Cut",
                   {.headers = {{"Content-Type", kIndexType}},
                    .body = "{",
                    .body_error = Error(ErrorCode::kUnavailable, "cut")},
                   ErrorCode::kUnavailable},
        AnswerCase{"NoJson", Index200("x"), ErrorCode::kInvalidArgument},
        AnswerCase{"Array", Index200("[]"), ErrorCode::kInvalidArgument},
        AnswerCase{"NoManifests", Index200("{}"), ErrorCode::kInvalidArgument},
        AnswerCase{"ManifestsAreText", Index200(R"({"manifests":"x"})"),
                   ErrorCode::kInvalidArgument},
        AnswerCase{"DuplicateKey", Index200(R"({"manifests":[],"manifests":[]})"),
                   ErrorCode::kInvalidArgument},
        AnswerCase{"OtherCase", Index200(R"({"Manifests":[]})"), ErrorCode::kInvalidArgument},
        AnswerCase{"Ambiguous", Index200(R"({"manifests":[],"layers":[]})"),
                   ErrorCode::kInvalidArgument},
        AnswerCase{"OtherMediaType", Index200(R"({"manifests":[],"mediaType":"x/y"})"),
                   ErrorCode::kUnsupported},
        AnswerCase{"EntryIsText", Index200(Index("\"x\"")), ErrorCode::kInvalidArgument},
        AnswerCase{"EntryWithoutDigest", Index200(Index(R"({"mediaType":"x/y","size":1})")),
                   ErrorCode::kInvalidArgument},
        AnswerCase{"EntryWithUpperCaseDigest",
                   Index200(Index(R"({"mediaType":"x/y","size":1,"digest":"sha256:)" +
                                  std::string(64, 'A') + "\"}")),
                   ErrorCode::kInvalidArgument},
        AnswerCase{"EntryWithNegativeSize",
                   Index200(Index(R"({"mediaType":"x/y","size":-1,"digest":")" +
                                  DigestOf("1").ToString() + "\"}")),
                   ErrorCode::kInvalidArgument},
        AnswerCase{"EntryWithLongMediaType",
                   Index200(Index(R"({"mediaType":")" + std::string(256, 'x') +
                                  R"(","size":1,"digest":")" + DigestOf("1").ToString() + "\"}")),
                   ErrorCode::kInvalidArgument}),
    [](const auto& test) { return test.param.name; });

// Only the first answer can say that there is no such API.
TEST_F(ListReferrersTest, FailsOnABadLaterPage) {
  const std::string second = "https://reg.example/v2/a/b/2";
  for (const auto& [answer, want] :
       {std::pair{FakeAnswer{.status = 404}, ErrorCode::kNotFound},
        std::pair{FakeAnswer{.body = "<html>"}, ErrorCode::kInvalidArgument}}) {
    FakeTransport net;
    net.On(http::Method::kGet, first_, Page(Index(Entry("1")), second));
    net.On(http::Method::kGet, second, answer);
    RegistryClient client(net, keychain_, clock_);
    EXPECT_THAT(client.ListReferrers(subject_, 100, Access{}), ErrorIs(want));
  }
}

}  // namespace
}  // namespace xzgate::registry
