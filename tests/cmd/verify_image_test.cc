// `xzgate verify` on images, which lie in OCI layouts here: no registry is needed.

#include <gmock/gmock.h>

#include <filesystem>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/json/value.h"
#include "scanner/oci/digest.h"
#include "tests/cmd/run.h"
#include "tests/support/signing/test_sigstore.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::SigningWish;
using ::xzgate::testing::TempFolder;
using ::xzgate::testing::TestKey;
using ::xzgate::testing::TestSigstore;

constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kVuln = "https://cosign.sigstore.dev/attestation/vuln/v1";

// Two images in one layout: "signed", by a key, with an attestation of type vuln, and "unsigned".
class VerifyImage : public ::testing::Test {
 protected:
  VerifyImage() {
    std::filesystem::create_directories(folder_.path() + "/blobs/sha256");
    folder_.Write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    folder_.Write("key.pub", key_.PublicPem());
    folder_.Write("other.pub", TestKey::Shared(KeyType::kP256, 1).PublicPem());
    folder_.Write("root.json", sigstore_.TrustedRoot());
    signed_ = PutImage("signed");
    PutImage("unsigned");
    signature_ = Refer(sigstore_.ImageBundle(signed_, ByKey()));
    attestation_ = Refer(sigstore_.DsseBundle(testing::Statement(signed_, kVuln), ByKey()));
    folder_.Write("index.json",
                  json::Encode(json::Object{{"schemaVersion", 2}, {"manifests", entries_}}));
  }

  static SigningWish ByKey() {
    return {.key = key_, .tlog = SigningWish::Tlog::kNone, .timestamp = false};
  }
  json::Object Put(const std::string& text, std::string_view type) {
    const oci::Digest digest = oci::Digest::Of(AsBytes(text));
    folder_.Write("blobs/sha256/" + digest.hex(), text);
    return {{"mediaType", type}, {"digest", digest.ToString()}, {"size", text.size()}};
  }
  static std::string DigestOf(const json::Object& entry) { return *entry[1].second.AsString(); }

  json::Object Manifest(const json::Array& layers, json::Object more = {}) {
    json::Object manifest{{"schemaVersion", 2},
                          {"mediaType", kManifestType},
                          {"config", Put("{}", "application/vnd.oci.empty.v1+json")},
                          {"layers", layers}};
    for (auto& member : more) manifest.push_back(std::move(member));
    return Put(json::Encode(manifest), kManifestType);
  }
  std::string PutImage(const std::string& tag) {
    json::Object entry =
        Manifest({Put("layer of " + tag, "application/vnd.oci.image.layer.v1.tar")});
    const std::string digest = DigestOf(entry);
    entry.emplace_back("annotations", json::Object{{"org.opencontainers.image.ref.name", tag}});
    entries_.emplace_back(std::move(entry));
    return digest;
  }
  std::string Refer(const json::Value& bundle) {
    json::Object entry =
        Manifest({Put(json::Encode(bundle), kBundleType)},
                 {{"artifactType", kBundleType},
                  {"subject",
                   json::Object{{"mediaType", kManifestType}, {"digest", signed_}, {"size", 1}}}});
    const std::string digest = DigestOf(entry);
    entries_.emplace_back(std::move(entry));
    return digest;
  }

  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string Image(const std::string& tag) const { return "oci:" + folder_.path() + ":" + tag; }

  // A policy for every image: namespaces "prod-*" alone where `is_prod`.
  std::string Policy(bool is_prod = false) {
    return folder_.Write("policy.yaml",
                         std::string("apiVersion: xzgate.dev/v1\nkind: ImagePolicy\n"
                                     "metadata: {name: shop}\nspec:\n") +
                             (is_prod ? "  namespaces: [\"prod-*\"]\n" : "") +
                             "  authorities:\n    - {name: release, key: {file: key.pub}}\n"
                             "  signatures: {require: [{any: [release]}]}\n"
                             "  attestations: [{type: vuln, any: [release]}, {type: spdxjson, any: "
                             "[release]}]\n");
  }

  // Words that start with '@' are files of the folder.
  Ran Run(std::vector<std::string> words) const {
    for (auto& word : words) {
      if (word.starts_with('@')) word = Path(word.substr(1));
    }
    words.insert(words.begin(), "verify");
    return RunXzgate(words);
  }
  json::Value RunJson(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--format", "json"});
    const Ran ran = Run(std::move(words));
    const auto document = json::Parse(ran.out, {}, "verify");
    EXPECT_TRUE(document) << ran.out << ran.err;
    return document ? document->Find("images")->AsArray()->front() : json::Value();
  }
  static std::string Text(const json::Value& object, std::string_view member) {
    const json::Value* found = object.Find(member);
    return found == nullptr ? "(none)" : json::Encode(*found);
  }

  static inline const TestKey& key_ = TestKey::Shared(KeyType::kP256);
  static inline const TestSigstore& sigstore_ = TestSigstore::Default();
  TempFolder folder_;
  json::Array entries_;
  std::string signed_, signature_, attestation_;
};

TEST_F(VerifyImage, SaysWhichPolicyDecidedInWhichNamespace) {
  const Ran ran = Run({"--policy", Policy(), "--namespace", "prod-1", Image("signed")});
  EXPECT_THAT(ran.out, HasSubstr("  policy   \"shop\", namespace \"prod-1\"\n"));
  const json::Value image =
      RunJson({"--policy", Policy(), "--namespace", "prod-1", Image("signed")});
  EXPECT_EQ(Text(image, "policy"), "\"shop\"");
  EXPECT_EQ(Text(image, "namespace"), "\"prod-1\"");
  const json::Value by_key = RunJson({"--key", "@key.pub", Image("signed")});
  EXPECT_EQ(Text(by_key, "policy"), "null");
  EXPECT_EQ(Text(by_key, "namespace"), "null");
}

// Nobody takes "not asked for" for "verified", least of all CI.
TEST_F(VerifyImage, WhatIsNotRequiredIsAFailureWhereItMustBeVerified) {
  const Ran ran = Run({"--policy", Policy(true), Image("unsigned")});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("outcome  not_required\n"),
                             HasSubstr("  policy   built-in default (no document covers it), "
                                       "namespace \"default\"\n")));
  EXPECT_EQ(Run({"--policy", Policy(true), "--must-verify", Image("unsigned")}).code, 1);
  EXPECT_EQ(Run({"--key", "@key.pub", "--must-verify", Image("signed")}).code, 0);
  EXPECT_EQ(Run({"--key", "@key.pub", "--must-verify", Image("unsigned")}).code, 1);
}

TEST_F(VerifyImage, NamesTheEntryOfEachReport) {
  const Ran ran = Run({"--policy", Policy(), Image("signed")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("  \"shop\", signatures.require[0]: verified\n"),
                             HasSubstr("  \"shop\", attestations[0] (vuln): verified\n"),
                             HasSubstr("  \"shop\", attestations[1] (spdxjson): wrongly_signed "
                                       "[SG012 attestation]\n")));
  const json::Value image = RunJson({"--policy", Policy(), Image("signed")});
  const json::Array& reports = *image.Find("reports")->AsArray();
  ASSERT_EQ(reports.size(), 3U);
  EXPECT_EQ(Text(reports[0], "requirement"), "\"shop\"");
  EXPECT_EQ(Text(reports[2], "entry"), "\"attestations[1] (spdxjson)\"");
}

TEST_F(VerifyImage, NamesPlaceAndDigestOfACandidateInFull) {
  const json::Value image =
      RunJson({"--key", "@key.pub", "--attestation", "vuln", Image("signed")});
  const json::Value& report = *image.Find("reports")->AsArray()->front().Find("report");
  std::map<std::string, std::string> types;
  for (const json::Value& candidate : *report.Find("candidates")->AsArray()) {
    EXPECT_EQ(Text(candidate, "place"), "\"referrer\"");
    EXPECT_EQ(Text(candidate, "layer"), "0");
    types[*candidate.Find("digest")->AsString()] = *candidate.Find("predicate_type")->AsString();
  }
  EXPECT_EQ(types[signature_], "");
  EXPECT_EQ(types[attestation_], kVuln);
}

TEST_F(VerifyImage, NamesTheKeyThatMadeIt) {
  const Ran ran = Run({"--key", "@other.pub", "--key", "@key.pub", Image("signed")});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("ok     signature   ECDSA P-256 key "),
                             HasSubstr(" of \"" + Path("key.pub") + "\"\n"),
                             HasSubstr("vouched for by \"the given key\"")));
}

TEST_F(VerifyImage, ADigestThatIsNotThereIsNoImage) {
  const std::string name = "oci:" + folder_.path() + "@sha256:" + std::string(64, '0');
  const Ran ran = Run({"--key", "@key.pub", name});
  EXPECT_EQ(ran.code, 3) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("undecided [SG014 registry]"), HasSubstr("no such image"),
                             HasSubstr("[RG004 not found]")));
  EXPECT_THAT(Run({"--policy", Policy(), name}).out,
              AllOf(HasSubstr("no such image"), Not(HasSubstr("SG001"))));
  EXPECT_EQ(Run({"--key", "@key.pub", Image("unsigned")}).code, 1);
}

// Nobody signs an index.json.
TEST_F(VerifyImage, OfALayoutWithOneImageThatOneIsMeant) {
  const std::string whole = "oci:" + folder_.path();
  const Ran several = Run({"--key", "@key.pub", whole});
  EXPECT_EQ(several.code, 1);
  EXPECT_THAT(several.out, HasSubstr("hint: several images? oci:DIR:TAG or oci:DIR@DIGEST"));
  entries_.erase(entries_.begin() + 1);
  folder_.Write("index.json",
                json::Encode(json::Object{{"schemaVersion", 2}, {"manifests", entries_}}));
  const Ran one = Run({"--key", "@key.pub", whole});
  EXPECT_EQ(one.code, 0) << one.out;
  EXPECT_THAT(one.out, HasSubstr("digest   " + signed_));
}

TEST_F(VerifyImage, NamesTheCodeOfTheRegistrysFailure) {
  EXPECT_THAT(Run({"--key", "@key.pub", "127.0.0.1:1/shop/api:1"}).out,
              HasSubstr("[RG001 unreachable]"));
  EXPECT_THAT(Run({"--key", "@key.pub", Image("none")}).out, HasSubstr("[RG004 not found]"));
}

TEST_F(VerifyImage, HintsAtATrustedRootOfOnesOwn) {
  const std::vector<std::string> whom = {"--certificate-identity", testing::kTestSubject,
                                         "--certificate-oidc-issuer", testing::kTestIssuer};
  folder_.Write("file", "content");
  folder_.Write("file.json", json::Encode(sigstore_.MessageBundle("content")));
  std::vector<std::string> words = whom;
  words.insert(words.end(), {"--bundle", "@file.json", "@file"});
  const std::string hint = "a Sigstore of your own? --trusted-root FILE";
  EXPECT_THAT(Run(words).out, HasSubstr(hint));
  words.insert(words.begin(), {"--trusted-root", "@root.json"});
  EXPECT_THAT(Run(words).out, Not(HasSubstr(hint)));
}

TEST_F(VerifyImage, TakesSignaturesOfAnotherRepository) {
  // A layout is one repository, whatever it is called.
  const Ran ran = Run(
      {"--key", "@key.pub", "--signature-repository", "reg.example/signatures", Image("signed")});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
}

}  // namespace
}  // namespace xzgate::cmd
