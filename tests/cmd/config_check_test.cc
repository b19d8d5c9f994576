// `xzgate config check`: every mistake of every file, with its place, in one go.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/cmd/run.h"
#include "tests/support/signing/test_key.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::xzgate::testing::TempFolder;

constexpr const char* kConfig = "health: {listen: 127.0.0.1:8080}\n";

std::string Policy(const std::string& name, const std::string& spec = "{mode: warn}") {
  return "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: " + name +
         "}\nspec: " + spec + "\n";
}

class ConfigCheck : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() + "/" + name) << text;
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  Ran Check(const std::string& name) const { return RunXzgate({"config", "check", Path(name)}); }
  Ran CheckFolder() const { return RunXzgate({"config", "check", folder_.path()}); }

  TempFolder folder_;
};

TEST_F(ConfigCheck, ReadsEachKind) {
  Write("c.yaml", kConfig);
  Write("p.yaml", Policy("one"));
  const Ran ran = RunXzgate({"config", "check", Path("c.yaml"), Path("p.yaml")});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            Path("c.yaml") + ": ok, configuration\n" + Path("p.yaml") + ": ok, 1 policy\n");
  EXPECT_EQ(ran.err, Path("c.yaml") +
                         ": note: server.certificate and server.key: not given: `serve` and "
                         "`webhook` do not start without them\n");
}

TEST_F(ConfigCheck, TakesTheYamlFilesOfAFolderInOrderOfName) {
  Write("b.yml", Policy("b"));
  Write("a.yaml", kConfig);
  Write("notes.txt", "not: [yaml");
  const Ran ran = CheckFolder();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, Path("a.yaml") + ": ok, configuration\n" + Path("b.yml") + ": ok, 1 policy\n");
}

TEST_F(ConfigCheck, NamesAFolderWithoutFiles) {
  const Ran ran = CheckFolder();
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr(folder_.path()), HasSubstr("want files *.yaml or *.yml")));
}

TEST_F(ConfigCheck, NamesAFileThatIsMissing) {
  const Ran ran = Check("none.yaml");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("none.yaml"));
}

TEST_F(ConfigCheck, ThePoliciesOfAFolderAreOneSet) {
  Write("a.yaml", Policy("same"));
  Write("b.yaml", Policy("same"));
  const Ran together = CheckFolder();
  EXPECT_EQ(together.code, 2);
  EXPECT_THAT(together.err, AllOf(HasSubstr("b.yaml:3:18: metadata.name: \"same\" is used twice"),
                                  HasSubstr("first at " + Path("a.yaml") + ":3:18")));
  EXPECT_EQ(RunXzgate({"config", "check", Path("a.yaml"), Path("b.yaml")}).code, 0);
}

TEST_F(ConfigCheck, RefusesAKindThatItDoesNotKnow) {
  Write("x.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {}\n");
  const Ran ran = Check("x.yaml");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("x.yaml:2:7: kind: "), HasSubstr("ImagePolicy"),
                             HasSubstr("RulePack"), HasSubstr("found kind \"ConfigMap\"")));
}

TEST_F(ConfigCheck, RefusesAVersionWithoutAKind) {
  Write("x.yaml", "apiVersion: xzgate.dev/v1\nspec: {}\n");
  const Ran ran = Check("x.yaml");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("found no kind"));
}

TEST_F(ConfigCheck, RefusesAVersionThatItDoesNotKnow) {
  Write("p.yaml", "apiVersion: other.dev/v1\nkind: ImagePolicy\nmetadata: {name: a}\n");
  Write("r.yaml", "apiVersion: xzgate.dev/v1\nkind: RulePack\n");
  const Ran ran = CheckFolder();
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("p.yaml:1:13: apiVersion: want \"xzgate.dev/v1\""),
                             HasSubstr("r.yaml:1:13: apiVersion: want \"xzgate.dev/rules/v1\"")));
}

TEST_F(ConfigCheck, RefusesAnotherKindAmongPolicies) {
  Write("x.yaml", Policy("a") + "---\napiVersion: v1\nkind: Secret\n");
  const Ran ran = Check("x.yaml");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("x.yaml:7:7: kind: want \"ImagePolicy\", found \"Secret\""));
}

TEST_F(ConfigCheck, ReportsTheMistakesOfEveryFile) {
  Write("a.yaml", "registries:\n  allowedCIDRs: [10.0.0.0/33]\n  hosts: [\"https://reg\"]\n");
  Write("b.yaml", Policy("b", "{mode: block, images: [debian]}"));
  Write("c.yaml", kConfig);
  const Ran ran = CheckFolder();
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, Path("c.yaml") + ": ok, configuration\n");
  for (const char* want :
       {"a.yaml:2:18: registries.allowedCIDRs[0]: ", "a.yaml:3:11: registries.hosts[0]: ", "block",
        "b.yaml:4:30: spec.images[0]: "})
    EXPECT_THAT(ran.err, HasSubstr(want));
}

TEST_F(ConfigCheck, NotesPathsThatDoNotExist) {
  Write("here.crt", "");
  Write("x.yaml", "server: {certificate: here.crt, key: none.key}\nregistries: {ca: [none.crt]}\n");
  const Ran ran = Check("x.yaml");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, Path("x.yaml") + ": ok, configuration\n");
  EXPECT_THAT(ran.err, AllOf(HasSubstr(Path("x.yaml") + ": note: server.key: \"" +
                                       Path("none.key") + "\" does not exist here\n"),
                             HasSubstr("note: registries.ca: "), Not(HasSubstr("here.crt"))));
}

std::string Keyed(const std::string& file, const std::string& more = "") {
  return Policy("p", "\n  authorities:\n    - {name: k, key: {file: " + file + "}" + more +
                         "}\n  signatures: {require: [{any: [k]}]}");
}

std::string PublicKey() {
  return xzgate::testing::TestKey::Shared(xzgate::testing::KeyType::kP256).PublicPem();
}

TEST_F(ConfigCheck, ReadsTheKeysThatPoliciesName) {
  std::filesystem::create_directory(folder_.path() + "/keys");
  Write("keys/a.pub", PublicKey());
  Write("p.yaml", Keyed("keys/a.pub"));
  const Ran ran = Check("p.yaml");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
}

TEST_F(ConfigCheck, SaysWhatIsWrongWithKeysAndRootsByFileLineAndPath) {
  Write("private.pem",
        xzgate::testing::TestKey::Shared(xzgate::testing::KeyType::kP256).PrivatePem());
  Write("root.json", "{}");
  Write("p.yaml", Keyed("private.pem", ", trustedRoots: [{file: root.json}]"));
  const Ran ran = Check("p.yaml");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr(Path("p.yaml") + ":6:"), HasSubstr("spec.authorities[0].key.file: "),
                    HasSubstr("private"), HasSubstr("spec.authorities[0].trustedRoots[0].file: "),
                    HasSubstr("root.json")));
}

TEST_F(ConfigCheck, NotesTrustThatHasEnded) {
  Write("a.pub", PublicKey());
  Write("p.yaml", Keyed("a.pub", ", validFor: {end: 2020-01-01T00:00:00Z}"));
  const Ran ran = Check("p.yaml");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err,
            "policy \"p\": note: authority \"k\": its keys ended at 2020-01-01T00:00:00.000Z\n");
}

TEST_F(ConfigCheck, NotesAnAuthorityThatNothingAsks) {
  Write("a.pub", PublicKey());
  Write("p.yaml", Policy("p", "\n  authorities: [{name: k, key: {file: a.pub}}]"));
  const Ran ran = Check("p.yaml");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("note: nothing asks for authority \"k\""));
}

}  // namespace
}  // namespace xzgate::cmd
