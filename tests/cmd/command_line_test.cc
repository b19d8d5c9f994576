// The command line as its users meet it: help, mistakes, and what needs no registry. Nothing here
// leaves this machine; what would is asked of a port of it where nobody listens.

#include "cmd/command_line.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/cmd/run.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::xzgate::testing::TempFolder;

constexpr const char* kNobody = "127.0.0.1:1/shop/api:1";

struct Mistake {
  std::string name;
  std::vector<std::string> words;
  std::string message;
};

class CommandLineRefuses : public ::testing::TestWithParam<Mistake> {};

TEST_P(CommandLineRefuses, SayingWhatItWants) {
  const Ran ran = RunXzgate(GetParam().words);
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, CommandLineRefuses,
    ::testing::Values(
        Mistake{"NoCommand", {}, "no command: want serve, webhook, scanner, scan"},
        Mistake{"UnknownCommand", {"scna", "a"}, "unknown command \"scna\": want serve"},
        Mistake{"NoSubcommand", {"config"}, "no command: want check"},
        Mistake{"UnknownSubcommand", {"config", "chek"}, "unknown command \"chek\": want check"},
        Mistake{"NoImage", {"scan"}, "IMAGE is required"},
        Mistake{"UnknownFlag", {"scan", "--colour", "a"}, "--colour"},
        Mistake{"UnknownFormat",
                {"scan", "--format", "xml", "a"},
                "--format: want table or json, found \"xml\""},
        Mistake{"NoConfig", {"serve"}, "--config is required"},
        Mistake{"BadReference", {"scan", "UPPER/x"}, "want lower case"},
        Mistake{"BadPlatform", {"scan", "--platform", "x", kNobody}, "--platform"},
        Mistake{"MissingManifest", {"explain", "none.yaml"}, "\"none.yaml\" does not exist"},
        Mistake{"MissingJson", {"explain", "none.json"}, "\"none.json\" does not exist"},
        Mistake{"MissingPath", {"explain", "./none"}, "\"./none\" does not exist"},
        Mistake{"MissingPathToScan", {"scan", "/nowhere/x"}, "\"/nowhere/x\" does not exist"},
        Mistake{"MissingLayout",
                {"scan", "oci:/nowhere/x:1"},
                "no OCI layout in \"/nowhere/x\": oci-layout is missing"},
        Mistake{"MissingLayoutToExplain", {"explain", "oci:/nowhere/x"}, "oci-layout is missing"},
        Mistake{"BadLayoutDigest",
                {"scan", "oci:/nowhere/x@sha256:12"},
                "want 64 lower-case hex digits"},
        Mistake{"Scheme", {"scan", "docker://debian:12"}, "leave the scheme out: \"debian:12\""},
        Mistake{"SchemeToExplain", {"explain", "https://r/x"}, "leave the scheme out: \"r/x\""},
        Mistake{"HelpForNoCommand", {"help", "scna"}, "unknown command \"scna\""},
        Mistake{"HelpForTooMuch", {"help", "scan", "x"}, "unknown command \"x\": want nothing"},
        Mistake{"MissingCa", {"scan", "--ca", "/nowhere/ca", kNobody}, "xzgate scan: --ca: "},
        Mistake{"MissingDockerConfig",
                {"scan", "--docker-config", "/nowhere", kNobody},
                "xzgate scan: --docker-config: "},
        Mistake{"MissingPolicy", {"explain", "--policy", "/nowhere/p.yaml", kNobody}, "p.yaml"}),
    [](const auto& test) { return test.param.name; });

// The first mistake costs no scan, and hides no other.
TEST(Scan, LooksAtEveryNameFirst) {
  const Ran ran = RunXzgate({"scan", kNobody, "UPPER/x", "./none", "oci:/nowhere/x"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, AllOf(HasSubstr("UPPER/x"), HasSubstr("./none"), HasSubstr("/nowhere/x")));
}

class OnDisk : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  TempFolder folder_;
};

TEST_F(OnDisk, AFolderIsNoImage) {
  for (const char* command : {"scan", "explain"}) {
    const Ran ran = RunXzgate({command, folder_.path()});
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, AllOf(StartsWith("xzgate " + std::string(command) + ": "),
                               HasSubstr("is a folder"), HasSubstr("oci:" + folder_.path())));
  }
}

TEST_F(OnDisk, AFileIsNoImage) {
  const Ran manifest = RunXzgate({"scan", Write("pod.yaml", "kind: Pod\n")});
  EXPECT_EQ(manifest.code, 2);
  EXPECT_THAT(manifest.err, HasSubstr("xzgate explain"));
  const Ran archive = RunXzgate({"scan", Write("image.tar", "")});
  EXPECT_EQ(archive.code, 2);
  EXPECT_THAT(archive.err, HasSubstr("docker-archive:"));
}

TEST_F(OnDisk, AManifestWithoutPodsIsSaidToBeOne) {
  const Ran ran = RunXzgate({"explain", Write("service.yaml", "kind: Service\n")});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("no Pod and no pod template"));
}

// In a manifest "oci:1" is an image of Docker Hub, not a folder of this machine: were it one, its
// missing file would be the answer.
TEST_F(OnDisk, AManifestNeverLeadsToAFolder) {
  const std::string manifest = Write(
      "pod.yaml", "kind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: \"oci:" +
                      folder_.path() + "\"}]}\n");
  const Ran ran = RunXzgate({"explain", manifest});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("not a reference"));
}

TEST(Explain, ABadReferenceEndsAtItsSecondStep) {
  const Ran ran = RunXzgate({"explain", "UPPER/x"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("1 reference   UPPER/x\n"), HasSubstr("not a reference: "),
                             HasSubstr("3 to 6        left out: there is no image to look at\n"),
                             HasSubstr("[PL002 invalid_reference]")));
  EXPECT_THAT(ran.out, Not(HasSubstr("verdict")));
  EXPECT_THAT(RunXzgate({"explain", "--format", "json", "UPPER/x"}).out,
              HasSubstr("\"report\": null"));
}

TEST(Explain, SaysOnceAndPlainlyWhyADigestIsNotKnown) {
  const Ran ran = RunXzgate({"explain", kNobody});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("3 digest      not resolved: repository \"127.0.0.1:1/shop/api\": "),
                    HasSubstr("4 scan        left out: there is no digest\n"),
                    HasSubstr("5 verdict     unknown (unreachable) [XZ011]\n")));
  EXPECT_THAT(ran.out, Not(HasSubstr("\\x22")));
}

TEST_F(OnDisk, ALayoutHasNoNormalisedName) {
  Write("oci-layout", "{}");
  const Ran ran = RunXzgate({"explain", "oci:" + folder_.path()});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("an OCI layout"), Not(HasSubstr("oci-layout.invalid"))));
}

TEST(Help, EveryCommandHasAnExampleOfItsOwn) {
  const std::vector<std::vector<std::string>> commands = {
      {"serve"},   {"webhook"}, {"scanner"},         {"scan"},   {"verify"},
      {"explain"}, {"config"},  {"config", "check"}, {"version"}};
  for (auto words : commands) {
    std::string command = "\n  xzgate";
    for (const auto& word : words) command += " " + word;
    words.emplace_back("--help");
    const Ran ran = RunXzgate(words);
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.out, HasSubstr(command)) << ran.out;
    EXPECT_THAT(ran.out, Not(HasSubstr("{table->"))) << ran.out;
  }
}

TEST(Help, IsAWordToo) {
  const Ran word = RunXzgate({"help", "config", "check"});
  EXPECT_EQ(word.code, 0);
  EXPECT_EQ(word.out, RunXzgate({"config", "check", "--help"}).out);
  EXPECT_EQ(RunXzgate({"help"}).out, RunXzgate({"--help"}).out);
}

TEST(Version, IsAFlagAndACommand) {
  const Ran command = RunXzgate({"version"});
  const Ran flag = RunXzgate({"--version"});
  EXPECT_EQ(command.code, 0);
  EXPECT_EQ(flag.code, 0);
  EXPECT_THAT(command.out, StartsWith("xzgate "));
  EXPECT_EQ(command.out, flag.out);
}

}  // namespace
}  // namespace xzgate::cmd
