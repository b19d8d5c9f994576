// `xzgate verify` as its users meet it: mistakes, and files with bundles, which need no registry.
// Images are verified in tests/integration/test_signatures.py.

#include "cmd/verify_command.h"

#include <gmock/gmock.h>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
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
        // As in policies: one function decides.
        Mistake{"TextWithAStar",
                {"--certificate-identity", "https://github.com/acme/*", "--certificate-oidc-issuer",
                 "https://i", kNobody},
                "want \"--certificate-identity-regexp\" for a pattern"},
        Mistake{"ExpressionWithoutAnchors",
                {"--certificate-identity-regexp", "https://github[.]com/acme/.*",
                 "--certificate-oidc-issuer", "https://i", kNobody},
                "is not anchored at both ends: want \"^https://github[.]com/acme/.*$\""},
        Mistake{"ExpressionForAnyHost",
                {"--certificate-identity-regexp", "^https://.*$", "--certificate-oidc-issuer",
                 "https://i", kNobody},
                "leaves the host open"},
        Mistake{"EmptyIdentity",
                {"--certificate-identity", "", "--certificate-oidc-issuer", "https://i", kNobody},
                "--certificate-identity: empty"},
        Mistake{"NamespaceWithoutPolicy",
                {"--key", "@key.pub", "--namespace", "shop", kNobody},
                "--namespace: want --policy too"},
        Mistake{
            "KmsAsKey", {"--key", "awskms:///alias/release", kNobody}, "cosign public-key --key"},
        Mistake{"UnknownExtension",
                {"--certificate-identity", "a@b", "--certificate-oidc-issuer", "https://i",
                 "--certificate-extension", "ref=x", kNobody},
                "--certificate-extension: \"ref\": no extension of Fulcio's: want one of "},
        Mistake{"ExtensionWithoutValue",
                {"--certificate-identity", "a@b", "--certificate-oidc-issuer", "https://i",
                 "--certificate-extension", "sourceRepositoryRef", kNobody},
                "--certificate-extension: want NAME=VALUE, found \"sourceRepositoryRef\""},
        Mistake{"ExtensionOfAKey",
                {"--key", "@key.pub", "--certificate-extension", "sourceRepositoryRef=x", kNobody},
                "exclude each other"},
        Mistake{"SignatureRepositoryWithTag",
                {"--key", "@key.pub", "--signature-repository", "reg.example/a:1", kNobody},
                "--signature-repository: want HOST/PATH of a repository, without tag or digest"},
        Mistake{"PolicyAndSignatureRepository",
                {"--policy", "@key.pub", "--signature-repository", "reg.example/a", kNobody},
                "--policy says who must sign what"},
        // What people bring from cosign.
        Mistake{"CosignsType",
                {"--key", "@key.pub", "--type", "vuln", kNobody},
                "cosign's --type is --attestation TYPE here"},
        Mistake{"CosignsTypeInOneWord",
                {"--key", "@key.pub", "--type=vuln", kNobody},
                "cosign's --type is --attestation TYPE here"},
        Mistake{"CosignsOutput",
                {"--key", "@key.pub", "-o", "json", kNobody},
                "cosign's -o is --format json here"},
        Mistake{"CosignsIgnoreTlog",
                {"--key", "@key.pub", "--insecure-ignore-tlog", kNobody},
                "cosign's --insecure-ignore-tlog: leave it out"},
        Mistake{"CosignsWorkflow",
                {"--certificate-github-workflow-ref", "x", kNobody},
                "is --certificate-extension githubWorkflowRef=VALUE here"},
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
        Mistake{"BundleOfTwoTypes",
                {"--key", "@key.pub", "--attestation", "spdx", "--attestation", "vuln", "--bundle",
                 "@by-key.json", "@file"},
                "want one --attestation at most"},
        Mistake{
            "BundleOfUnknownType",
            {"--key", "@key.pub", "--attestation", "slsa9", "--bundle", "@by-key.json", "@file"},
            "--attestation: "},
        Mistake{"BundleWithAnnotation",
                {"--key", "@key.pub", "--annotation", "a=b", "--bundle", "@by-key.json", "@file"},
                "--annotation is about images"},
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

TEST_F(Verify, AnExtensionMustBeInTheCertificate) {
  testing::IssueWish leaf;
  leaf.names = {{testing::AlternativeName::Kind::kUri, testing::kTestSubject}};
  leaf.extensions = {testing::FulcioExtension(8, testing::kTestIssuer),
                     testing::FulcioExtension(14, "refs/heads/main")};
  folder_.Write("ref.json", Bundle({.leaf = leaf}));
  for (const auto& [ref, code] : {std::pair{"refs/heads/main", 0}, {"refs/heads/other", 1}}) {
    const Ran ran =
        Run({"--bundle", "@ref.json", "--trusted-root", "@root.json", "--certificate-identity",
             testing::kTestSubject, "--certificate-oidc-issuer", testing::kTestIssuer,
             "--certificate-extension", std::string("sourceRepositoryRef=") + ref, "@file"});
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
  }
}

TEST_F(Verify, TheBundleOfOldCosignIsNamed) {
  folder_.Write("old.json", R"({"base64Signature":"MEUCIQ==","cert":"LS0t"})");
  const Ran ran = Run({"--key", "@key.pub", "--bundle", "@old.json", "@file"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("SG016"), HasSubstr("cosign's own bundle")));
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

// A statement about the file counts where its type is asked for, and a signature of the bytes where
// none is.
class VerifyAttestations : public Verify {
 protected:
  VerifyAttestations() {
    const std::string digest =
        "sha256:" + crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(kContent));
    for (const auto& [name, type] : {std::pair<std::string, std::string_view>{"spdx", kSpdx},
                                     {"sign", testing::kSignPredicate}}) {
      folder_.Write(name + ".json",
                    json::Encode(sigstore_.DsseBundle(testing::Statement(digest, type), ByKey())));
    }
  }

  Ran RunOf(const std::string& bundle, const std::string& type) const {
    std::vector<std::string> words = {"--key", "@key.pub", "--bundle", "@" + bundle, "@file"};
    if (!type.empty()) words.insert(words.begin(), {"--attestation", type});
    return Run(std::move(words));
  }

  static constexpr const char* kSpdx = "https://spdx.dev/Document";
};

TEST_F(VerifyAttestations, CountWhereTheirTypeIsAskedFor) {
  for (const char* type : {"spdx", "spdxjson", kSpdx}) {
    const Ran ran = RunOf("spdx.json", type);
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("ok     type        https://spdx.dev/Document\n"));
  }
  EXPECT_EQ(RunOf("sign.json", std::string(testing::kSignPredicate)).code, 0);
}

TEST_F(VerifyAttestations, AreNoSignatureOfTheFile) {
  const Ran ran = RunOf("spdx.json", "");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("wrongly_signed [SG004 claims]"), HasSubstr(kSpdx),
                             HasSubstr("pass --attestation TYPE")));
  EXPECT_EQ(RunOf("sign.json", "").code, 1);
}

TEST_F(VerifyAttestations, OfAnotherTypeAreNotTheOne) {
  const Ran ran = RunOf("spdx.json", "slsaprovenance1");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("wrongly_signed [SG012 attestation]"), HasSubstr(kSpdx),
                    HasSubstr("want an attestation of type \"https://slsa.dev/provenance/v1\"")));
  const Ran bytes = RunOf("by-key.json", "spdx");
  EXPECT_EQ(bytes.code, 1);
  EXPECT_THAT(bytes.out, AllOf(HasSubstr("SG012"), HasSubstr("a signature of the file's bytes")));
}

TEST_F(Verify, AsJson) {
  const Ran ran =
      Run({"--format", "json", "--key", "@key.pub", "--bundle", "@by-key.json", "@file"});
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("\"schema\": \"xzgate.dev/verify/v1\""),
                    HasSubstr("\"outcome\": \"verified\""), HasSubstr("\"held\": true"),
                    HasSubstr("\"reason\": \"none\""), HasSubstr("\"reason_code\": \"\"")));
}

// As in reports: the word is the reason, the code has a member of its own.
TEST_F(Verify, AsJsonWhyNot) {
  const Ran file =
      Run({"--format", "json", "--key", "@other.pub", "--bundle", "@by-key.json", "@file"});
  EXPECT_THAT(file.out, AllOf(HasSubstr("\"reason\": \"signature\""),
                              HasSubstr("\"reason_code\": \"SG003\"")));
  const Ran image = Run({"--format", "json", "--key", "@key.pub", kNobody});
  const auto document = json::Parse(image.out, {}, "verify");
  ASSERT_TRUE(document) << image.out;
  const json::Value& first = document->Find("images")->AsArray()->front();
  EXPECT_EQ(*first.Find("reason")->AsString(), "registry");
  EXPECT_EQ(*first.Find("reason_code")->AsString(), "SG014");
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
