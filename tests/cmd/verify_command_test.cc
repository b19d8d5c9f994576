// `xzgate verify` as its users meet it: mistakes, and files with bundles, which need no registry.
// Images are verified in tests/integration/test_signatures.py.

#include "cmd/verify_command.h"

#include <gmock/gmock.h>

#include "base/crypto/digest.h"
#include "base/json/value.h"
#include "tests/cmd/run.h"
#include "tests/support/signing/test_sigstore.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::SigningWish;
using ::xzgate::testing::TempFolder;
using ::xzgate::testing::TestKey;
using ::xzgate::testing::TestSigstore;

constexpr const char* kNobody = "127.0.0.1:1/shop/api:1";
const std::string kContent = "the released file\n";

// A folder with keys, a file, its bundle and the trust root.
class Verify : public ::testing::Test {
 protected:
  Verify() {
    folder_.Write("file", kContent);
    folder_.Write("other-file", "another file\n");
    folder_.Write("key.pub", key_.PublicPem());
    folder_.Write("other.pub", TestKey::Shared(KeyType::kP256, 1).PublicPem());
    folder_.Write("key.pem", key_.PrivatePem());
    folder_.Write("root.json", sigstore_.TrustedRoot());
    folder_.Write("by-key.json", Bundle(ByKey()));
    folder_.Write("keyless.json", Bundle({}));
  }

  static SigningWish ByKey() {
    SigningWish wish;
    wish.key = key_;
    wish.tlog = SigningWish::Tlog::kNone;
    wish.timestamp = false;
    return wish;
  }
  static std::string Bundle(const SigningWish& wish) {
    return json::Encode(sigstore_.MessageBundle(kContent, wish));
  }

  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }

  // Words that start with '@' are files of the folder.
  Ran Run(std::vector<std::string> words) const {
    for (auto& word : words) {
      if (word.starts_with('@')) word = Path(word.substr(1));
    }
    words.insert(words.begin(), "verify");
    return RunXzgate(words);
  }
  Ran RunKeyless(const std::string& subject, const std::string& issuer) const {
    return Run({"--bundle", "@keyless.json", "--trusted-root", "@root.json",
                "--certificate-identity", subject, "--certificate-oidc-issuer", issuer, "@file"});
  }

  static inline const TestKey& key_ = TestKey::Shared(KeyType::kP256);
  static inline const TestSigstore& sigstore_ = TestSigstore::Default();
  TempFolder folder_;
};

struct Mistake {
  std::string name;
  std::vector<std::string> words;
  std::string message;
};

class VerifyRefuses : public Verify, public ::testing::WithParamInterface<Mistake> {};

TEST_P(VerifyRefuses, SayingWhatItWants) {
  const Ran ran = Run(GetParam().words);
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, VerifyRefuses,
    ::testing::Values(
        Mistake{"Nobody", {kNobody}, "whose signature counts? want --key FILE"},
        Mistake{"NoImage", {"--key", "@key.pub"}, "TARGET is required"},
        Mistake{"PrivateKey", {"--key", "@key.pem", kNobody}, "private key"},
        Mistake{"NoKeyFile", {"--key", "@none.pub", kNobody}, "--key: "},
        Mistake{"NotAKey", {"--key", "@file", kNobody}, "--key: "},
        Mistake{"KeyAndIdentity",
                {"--key", "@key.pub", "--certificate-identity", "a@b", kNobody},
                "exclude each other"},
        Mistake{"IdentityWithoutIssuer",
                {"--certificate-identity", "a@b", kNobody},
                "want --certificate-oidc-issuer or --certificate-oidc-issuer-regexp too"},
        Mistake{"IssuerWithoutIdentity",
                {"--certificate-oidc-issuer", "https://i", kNobody},
                "want --certificate-identity or --certificate-identity-regexp too"},
        Mistake{"TwoKindsOfIdentity",
                {"--certificate-identity", "a@b", "--certificate-identity-regexp", "a@.",
                 "--certificate-oidc-issuer", "https://i", kNobody},
                "exclude each other"},
        Mistake{"BadExpression",
                {"--certificate-identity-regexp", "(", "--certificate-oidc-issuer", "https://i",
                 kNobody},
                "--certificate-identity-regexp: "},
        Mistake{"ExpressionForEverything",
                {"--certificate-identity-regexp", ".*", "--certificate-oidc-issuer", "https://i",
                 kNobody},
                "--certificate-identity-regexp: "},
        Mistake{"PolicyAndKey",
                {"--policy", "@key.pub", "--key", "@key.pub", kNobody},
                "--policy says who must sign what"},
        Mistake{"NoPolicyFile", {"--policy", "@none.yaml", kNobody}, "--policy: "},
        Mistake{"BadTrustedRoot",
                {"--key", "@key.pub", "--trusted-root", "@file", kNobody},
                "--trusted-root "},
        Mistake{"UnknownAttestation",
                {"--key", "@key.pub", "--attestation", "slsa9", kNobody},
                "--attestation: "},
        Mistake{"BadAnnotation",
                {"--key", "@key.pub", "--annotation", "stage", kNobody},
                "--annotation: want NAME=VALUE, found \"stage\""},
        Mistake{"OfflineWithoutStore", {"--key", "@key.pub", "--offline", kNobody}, "want --store"},
        Mistake{"OfflineWithoutFile",
                {"--key", "@key.pub", "--offline", "--store", "@none.db", kNobody},
                "does not exist"},
        Mistake{"NotAStore",
                {"--key", "@key.pub", "--store", "@key.pub", kNobody},
                "is not an xzgate store"},
        Mistake{"BadReference", {"--key", "@key.pub", "UPPER/x"}, "want lower case"},
        Mistake{"TwoFiles",
                {"--key", "@key.pub", "--bundle", "@by-key.json", "@file", "@file"},
                "want one file"},
        Mistake{"NoFile", {"--key", "@key.pub", "--bundle", "@by-key.json", "@none"}, "artifact "},
        Mistake{"NoBundle", {"--key", "@key.pub", "--bundle", "@none", "@file"}, "--bundle: "},
        Mistake{"ShortDigest",
                {"--key", "@key.pub", "--bundle", "@by-key.json", "sha256:12"},
                "want 64 lower-case hex digits"},
        Mistake{"BundleForNobody", {"--bundle", "@by-key.json", "@file"}, "whose signature"},
        Mistake{"BundleByPolicy",
                {"--policy", "@key.pub", "--bundle", "@by-key.json", "@file"},
                "policies are about images"}),
    [](const auto& test) { return test.param.name; });

TEST_F(Verify, AFileByKey) {
  const Ran ran = Run({"--key", "@key.pub", "--bundle", "@by-key.json", "@file"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("outcome  verified\n"), HasSubstr("ok     signature")));
  const std::string digest =
      "sha256:" + crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(kContent));
  EXPECT_EQ(Run({"--key", "@key.pub", "--bundle", "@by-key.json", digest}).code, 0);
  EXPECT_EQ(
      Run({"--key", "@other.pub", "--key", "@key.pub", "--bundle", "@by-key.json", digest}).code,
      0);
}

TEST_F(Verify, AFileByKeyThatIsNotIts) {
  const Ran other = Run({"--key", "@other.pub", "--bundle", "@by-key.json", "@file"});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.out, AllOf(HasSubstr("wrongly_signed [SG003 signature]"), HasSubstr("FAILED")));
  EXPECT_EQ(Run({"--key", "@key.pub", "--bundle", "@by-key.json", "@other-file"}).code, 1);
  EXPECT_EQ(Run({"--key", "@key.pub", "--bundle", "@by-key.json", "--require-tlog",
                 "--trusted-root", "@root.json", "@file"})
                .code,
            1);
}

TEST_F(Verify, AKeylessFile) {
  const Ran ran = RunKeyless(testing::kTestSubject, testing::kTestIssuer);
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  const Ran other = RunKeyless("somebody@else.example", testing::kTestIssuer);
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.out, HasSubstr("SG005 identity"));
  EXPECT_EQ(RunKeyless(testing::kTestSubject, "https://issuer.example").code, 1);
}

// A certificate outside the trust root: the built-in one does not know the test's.
TEST_F(Verify, AKeylessFileOfAStranger) {
  const Ran ran = Run({"--bundle", "@keyless.json", "--certificate-identity", testing::kTestSubject,
                       "--certificate-oidc-issuer", testing::kTestIssuer, "@file"});
  EXPECT_EQ(ran.code, 1) << ran.out << ran.err;
}

TEST_F(Verify, ADamagedBundleDecidesNothing) {
  for (const std::string& text :
       {std::string(), std::string("{}"), Bundle(ByKey()) + "x", Bundle(ByKey()).substr(0, 200)}) {
    folder_.Write("damaged.json", text);
    const Ran ran = Run({"--key", "@key.pub", "--bundle", "@damaged.json", "@file"});
    EXPECT_EQ(ran.code, 3) << text;
    EXPECT_THAT(ran.out, HasSubstr("FAILED read"));
  }
}

TEST_F(Verify, AsJson) {
  const Ran ran =
      Run({"--format", "json", "--key", "@key.pub", "--bundle", "@by-key.json", "@file"});
  EXPECT_THAT(ran.out, AllOf(HasSubstr("\"schema\": \"xzgate.dev/verify/v1\""),
                             HasSubstr("\"outcome\": \"verified\""), HasSubstr("\"held\": true")));
}

TEST_F(Verify, ARegistryThatNobodyReachesDecidesNothing) {
  const Ran ran = Run({"--key", "@key.pub", kNobody});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, HasSubstr("undecided [SG014 registry]"));
}

TEST_F(Verify, OfflineKnowsOnlyWhatWasSeen) {
  Run({"--key", "@key.pub", "--store", "@store.db", kNobody});  // makes the store
  const Ran ran = Run({"--key", "@key.pub", "--store", "@store.db", "--offline", kNobody});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, HasSubstr("has never seen 127.0.0.1:1/shop/api:1"));
}

}  // namespace
}  // namespace xzgate::cmd
