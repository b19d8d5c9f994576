#include "scanner/registry/registry_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::std::chrono::milliseconds;
using ::std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeAnswer;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeTransport;
using ::xzgate::testing::IsOk;
using enum http::Method;

const std::string kBytes = R"({"schemaVersion":2})";
const oci::Digest kDigest = oci::Digest::Of(AsBytes(kBytes));
const oci::Digest kSha512 = oci::Digest::Of(AsBytes(kBytes), crypto::Algorithm::kSha512);
const oci::Repository kRepository{"reg.example", "shop/api"};
const std::string kBase = "https://reg.example/v2/shop/api/";

class FakeObserver final : public RequestObserver {
 public:
  void OnRequest(HostClass host_class, int status) override {
    seen.emplace_back(ToString(host_class), status);
  }
  std::vector<std::pair<std::string_view, int>> seen;
};

class RegistryClientTest : public ::testing::Test {
 protected:
  void Given(http::Method method, const std::string& below, FakeAnswer answer) {
    net_.On(method, kBase + below, std::move(answer));
  }

  Result<oci::Digest> Resolve(const std::string& text) {
    return client_.Resolve(*oci::Reference::Parse(text), Access{});
  }
  Result<VerifiedBytes> FetchManifest(const oci::Digest& digest = kDigest) {
    return client_.FetchManifest({kRepository, digest}, Access{});
  }
  static oci::Descriptor Blob(std::uint64_t size, const oci::Digest& digest = kDigest) {
    return {.media_type = "x/y",
            .digest = digest,
            .size = size,
            .platform = {},
            .artifact_type = {},
            .annotations = {}};
  }
  Result<VerifiedBytes> FetchBlob(std::uint64_t size, std::size_t max_bytes = 1000) {
    return client_.FetchBlob(kRepository, Blob(size), max_bytes, Access{});
  }

  FakeTransport net_;
  Keychain keychain_;
  FakeClock clock_;
  FakeObserver observer_;
  RegistryClient client_{
      net_,
      keychain_,
      clock_,
      {.plain_http_hosts = {"Plain.example:5000"}, .configured_hosts = {"reg.example"}},
      &observer_};
};

const std::string kManifestUrl = "manifests/" + kDigest.ToString();
const std::string kBlobUrl = "blobs/" + kDigest.ToString();

TEST_F(RegistryClientTest, ResolvesATagByOneHead) {
  Given(kHead, "manifests/1.4", {.headers = {{"Docker-Content-Digest", kDigest.ToString()}}});
  EXPECT_EQ(Resolve("reg.example/shop/api:1.4"), kDigest);
  ASSERT_EQ(net_.requests().size(), 1U);
  const std::string accept(*net_.requests()[0].headers.Find("Accept"));
  for (const auto type :
       {oci::kOciIndex, oci::kOciManifest, oci::kDockerIndex, oci::kDockerManifest})
    EXPECT_THAT(accept, HasSubstr(type));
}

TEST_F(RegistryClientTest, ResolvesADigestByNoCall) {
  EXPECT_EQ(Resolve("reg.example/shop/api:1.4@" + kDigest.ToString()), kDigest);
  EXPECT_TRUE(net_.requests().empty());
}

TEST_F(RegistryClientTest, HashesTheBytesWhenTheRegistryNamesNoDigest) {
  Given(kHead, "manifests/1.4", {});
  Given(kGet, "manifests/1.4", {.body = kBytes});
  EXPECT_EQ(Resolve("reg.example/shop/api:1.4"), kDigest);
}

TEST_F(RegistryClientTest, AsksByGetWhereHeadIsNotAllowed) {
  Given(kHead, "manifests/1.4", {.status = 405});
  Given(kGet, "manifests/1.4",
        {.headers = {{"Docker-Content-Digest", kSha512.ToString()}}, .body = kBytes});
  EXPECT_EQ(Resolve("reg.example/shop/api:1.4"), kSha512);
}

TEST_F(RegistryClientTest, RefusesADigestHeaderThatIsNone) {
  Given(kHead, "manifests/1.4", {.headers = {{"Docker-Content-Digest", "sha256:abc"}}});
  EXPECT_THAT(Resolve("reg.example/shop/api:1.4"),
              ErrorIs(ErrorCode::kInvalidArgument, "Docker-Content-Digest"));
}

TEST_F(RegistryClientTest, RefusesADigestHeaderThatDoesNotFitTheBytes) {
  Given(kHead, "manifests/1.4", {});
  Given(kGet, "manifests/1.4",
        {.headers = {{"Docker-Content-Digest", kDigest.ToString()}}, .body = kBytes + " "});
  EXPECT_THAT(Resolve("reg.example/shop/api:1.4"), ErrorIs(ErrorCode::kIntegrity));
}

TEST_F(RegistryClientTest, SaysWhichTagIsMissing) {
  Given(kHead, "manifests/9", {.status = 404});
  EXPECT_THAT(
      Resolve("reg.example/shop/api:9"),
      ErrorIs(ErrorCode::kNotFound,
              R"(repository "reg.example/shop/api": manifest "9": want status 200, found 404)"));
}

TEST_F(RegistryClientTest, AsksDockerHubAtItsApi) {
  net_.On(kHead, "https://registry-1.docker.io/v2/library/debian/manifests/13",
          {.headers = {{"Docker-Content-Digest", kDigest.ToString()}}});
  EXPECT_EQ(Resolve("debian:13"), kDigest);
  EXPECT_THAT(observer_.seen, ElementsAre(Pair("docker_hub", 200)));
}

TEST_F(RegistryClientTest, GoesAnywhereOnlyForConfiguredHosts) {
  const FakeAnswer found{.headers = {{"Docker-Content-Digest", kDigest.ToString()}}};
  net_.On(kHead, "https://reg.example/v2/a/manifests/1", found);
  net_.On(kHead, "http://plain.example:5000/v2/a/manifests/1", found);
  net_.On(kHead, "https://other.example/v2/a/manifests/1", found);
  EXPECT_THAT(Resolve("reg.example/a:1"), IsOk());
  EXPECT_THAT(Resolve("plain.example:5000/a:1"), IsOk());
  EXPECT_THAT(Resolve("other.example/a:1"), IsOk());
  EXPECT_EQ(net_.requests()[0].reach, http::Reach::kAnywhere);
  EXPECT_EQ(net_.requests()[1].reach, http::Reach::kAnywhere);
  EXPECT_EQ(net_.requests()[2].reach, http::Reach::kPublicOnly);
  EXPECT_THAT(observer_.seen,
              ElementsAre(Pair("configured", 200), Pair("configured", 200), Pair("other", 200)));
}

TEST_F(RegistryClientTest, PassesOnDeadlineAndUrgency) {
  Given(kHead, "manifests/1", {.headers = {{"Docker-Content-Digest", kDigest.ToString()}}});
  const Deadline deadline = Deadline::After(clock_.Now(), seconds(5));
  EXPECT_THAT(client_.Resolve(*oci::Reference::Parse("reg.example/shop/api:1"),
                              {.deadline = deadline, .urgent = true}),
              IsOk());
  EXPECT_EQ(net_.requests()[0].deadline, deadline);
  EXPECT_TRUE(net_.requests()[0].urgent);
}

TEST_F(RegistryClientTest, FetchesAManifestWithItsContentType) {
  Given(kGet, kManifestUrl, {.headers = {{"Content-Type", "a/b"}}, .body = kBytes, .chunk = 3});
  const auto manifest = FetchManifest();
  ASSERT_THAT(manifest, IsOk());
  EXPECT_EQ(manifest->bytes, kBytes);
  EXPECT_EQ(manifest->content_type, "a/b");
  EXPECT_EQ(manifest->digest, kDigest);
}

TEST_F(RegistryClientTest, ChecksSha512Too) {
  Given(kGet, "manifests/" + kSha512.ToString(), {.body = kBytes});
  EXPECT_THAT(FetchManifest(kSha512), IsOk());
}

TEST_F(RegistryClientTest, RefusesWrongManifests) {
  for (const std::string& bytes :
       {kBytes + " ", kBytes.substr(1), std::string("{\"schemaVersion\":1}"), std::string()}) {
    FakeTransport net;
    net.On(kGet, kBase + kManifestUrl, {.body = bytes});
    RegistryClient client(net, keychain_, clock_);
    EXPECT_THAT(client.FetchManifest({kRepository, kDigest}, Access{}),
                ErrorIs(ErrorCode::kIntegrity, "want digest " + kDigest.ToString()))
        << bytes;
  }
}

TEST_F(RegistryClientTest, HoldsTheManifestLimit) {
  const std::string most(oci::kMaxManifestBytes, ' ');
  const oci::Digest digest = oci::Digest::Of(AsBytes(most));
  Given(kGet, "manifests/" + digest.ToString(), {.body = most});
  Given(kGet, "manifests/" + digest.ToString(), {.body = most + " "});
  EXPECT_THAT(FetchManifest(digest), IsOk());
  EXPECT_THAT(FetchManifest(digest), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(RegistryClientTest, FetchesABlobThatFits) {
  Given(kGet, kBlobUrl,
        {.headers = {{"Content-Length", std::to_string(kBytes.size())}}, .body = kBytes});
  const auto blob = FetchBlob(kBytes.size(), kBytes.size());
  ASSERT_THAT(blob, IsOk());
  EXPECT_EQ(blob->bytes, kBytes);
  EXPECT_EQ(net_.requests()[0].min_bytes_per_second, 64U * 1024);
}

TEST_F(RegistryClientTest, AsksForNoBlobAboveTheLimit) {
  EXPECT_THAT(FetchBlob(kBytes.size(), kBytes.size() - 1), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_TRUE(net_.requests().empty());
}

TEST_F(RegistryClientTest, RefusesWrongBlobs) {
  struct Case {
    FakeAnswer answer;
    std::string message;
  };
  const Case cases[] = {
      {{.body = kBytes + " "}, "found more"},
      {{.body = kBytes.substr(1)}, "want 19 bytes, found 18"},
      {{.body = "x" + kBytes.substr(1)}, "want digest"},
      {{.headers = {{"Content-Length", "20"}}, .body = kBytes}, "Content-Length \"20\""}};
  for (const Case& test : cases) {
    FakeTransport net;
    net.On(kGet, kBase + kBlobUrl, test.answer);
    RegistryClient client(net, keychain_, clock_);
    EXPECT_THAT(client.FetchBlob(kRepository, Blob(kBytes.size()), 1000, Access{}),
                ErrorIs(ErrorCode::kIntegrity, test.message));
  }
}

TEST_F(RegistryClientTest, StreamsABlobAndEndsItInTime) {
  Given(kGet, kBlobUrl, {.body = kBytes, .chunk = 4});
  auto blob = client_.OpenBlob(kRepository, Blob(kBytes.size()), Access{});
  ASSERT_THAT(blob, IsOk());
  EXPECT_EQ(ReadAll(**blob, 1000, "test"), kBytes);
  blob->reset();
  EXPECT_EQ(net_.open_bodies(), 0);
}

TEST_F(RegistryClientTest, ABrokenStreamNamesTheBlob) {
  Given(kGet, kBlobUrl,
        {.body = "{", .body_error = Error(ErrorCode::kUnavailable, "connection reset")});
  auto blob = client_.OpenBlob(kRepository, Blob(kBytes.size()), Access{});
  ASSERT_THAT(blob, IsOk());
  EXPECT_THAT(
      ReadAll(**blob, 1000, "test"),
      ErrorIs(ErrorCode::kUnavailable, "blob \"" + kDigest.ToString() + "\": connection reset"));
}

TEST_F(RegistryClientTest, AFailedConnectionNamesTheRepositoryAndIsCounted) {
  Given(kHead, "manifests/1", {.error = Error(ErrorCode::kUnavailable, "certificate has expired")});
  EXPECT_THAT(
      Resolve("reg.example/shop/api:1"),
      ErrorIs(ErrorCode::kUnavailable,
              R"(repository "reg.example/shop/api": manifest "1": certificate has expired)"));
  EXPECT_THAT(observer_.seen, ElementsAre(Pair("configured", 0)));
}

TEST_F(RegistryClientTest, LeavesAHostAloneThatAskedForIt) {
  Given(kHead, "manifests/1", {.status = 429, .headers = {{"Retry-After", "90"}}});
  Given(kHead, "manifests/1", {.headers = {{"Docker-Content-Digest", kDigest.ToString()}}});
  EXPECT_THAT(Resolve("reg.example/shop/api:1"), ErrorIs(ErrorCode::kUnavailable, "429"));
  EXPECT_EQ(client_.BusyFor("reg.example"), seconds(90));
  EXPECT_EQ(client_.BusyFor("other.example"), milliseconds(0));
  clock_.Advance(seconds(89));
  EXPECT_THAT(Resolve("reg.example/shop/api:1"),
              ErrorIs(ErrorCode::kUnavailable, "asked to wait until"));
  EXPECT_EQ(net_.requests().size(), 1U);
  clock_.Advance(seconds(1));
  EXPECT_THAT(Resolve("reg.example/shop/api:1"), IsOk());
}

TEST_F(RegistryClientTest, RefusesAHostThatIsNone) {
  EXPECT_THAT(Resolve("reg.example:99999/a:1"),
              ErrorIs(ErrorCode::kInvalidArgument, "reg.example:99999/a"));
}

struct StatusCase {
  int status;
  ErrorCode want;
};

class RegistryClientStatus : public RegistryClientTest,
                             public ::testing::WithParamInterface<StatusCase> {};

TEST_P(RegistryClientStatus, OfEveryCallIsTheSameError) {
  const FakeAnswer answer{.status = GetParam().status,
                          .body = R"({"errors":[{"code":"SOME_CODE"}]})"};
  for (const std::string& below : {kManifestUrl, kBlobUrl, std::string("tags/list?n=1000")})
    Given(kGet, below, answer);
  Given(kHead, "manifests/1", answer);
  EXPECT_THAT(FetchManifest(), ErrorIs(GetParam().want, "SOME_CODE"));
  EXPECT_THAT(FetchBlob(kBytes.size()), ErrorIs(GetParam().want, "SOME_CODE"));
  EXPECT_THAT(client_.ListTags(kRepository, 10, Access{}), ErrorIs(GetParam().want, "SOME_CODE"));
  EXPECT_THAT(Resolve("reg.example/shop/api:1"), ErrorIs(GetParam().want, "reg.example/shop/api"));
}

INSTANTIATE_TEST_SUITE_P(Table, RegistryClientStatus,
                         ::testing::Values(StatusCase{400, ErrorCode::kInvalidArgument},
                                           StatusCase{403, ErrorCode::kPermissionDenied},
                                           StatusCase{404, ErrorCode::kNotFound},
                                           StatusCase{406, ErrorCode::kUnsupported},
                                           StatusCase{500, ErrorCode::kUnavailable},
                                           StatusCase{503, ErrorCode::kUnavailable}),
                         [](const auto& param) {
                           return "Status" + std::to_string(param.param.status);
                         });

}  // namespace
}  // namespace xzgate::registry
