#include "webhook/policy/pod_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"
#include "webhook/policy/decision.h"

namespace xzgate::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kPolicyHead =
    "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\nspec: ";

PolicySet Policies(const std::string& spec) {
  auto set = PolicySet::Parse({{"p.yaml", kPolicyHead + spec + "\n"}});
  EXPECT_TRUE(set) << (set ? "" : set.error().message());
  return set.value_or(PolicySet());
}

JudgedUse Clean(const std::string& container) {
  rules::Report report = rules::UnknownReport("", rules::Cause::kNone, "", "");
  report.verdict = rules::Verdict::kClean;
  return {.use = {.kind = admission::UseKind::kContainer,
                  .name = container,
                  .field = "f",
                  .reference = "reg.example/" + container + ":1",
                  .pull_policy = "",
                  .unchanged = false},
          .reference = *oci::Reference::Parse("reg.example/" + container + ":1"),
          .pinned = {},
          .problem = {},
          .problem_code = {},
          .report = std::move(report),
          .scan_state = ""};
}

// A pod of two clean containers, of which none is worth a finding.
admission::Request Pod() {
  admission::Request request;
  request.uid = "u";
  request.kind = "Pod";
  request.resource = "pods";
  request.namespace_name = "shop";
  admission::PodFacts pod;
  pod.field = "spec";
  for (const char* name : {"api", "log"})
    pod.containers.push_back({.kind = admission::UseKind::kContainer,
                              .name = name,
                              .read_only_root = true,
                              .added_capabilities = {}});
  request.pods.push_back(pod);
  return request;
}

Decision Judge(const admission::Request& request, const std::string& findings) {
  return Decide(request, {Clean("api"), Clean("log")}, Policies("{podFindings: " + findings + "}"));
}

const std::string kAllDenied =
    "{writableRoot: deny, privileged: deny, hostNamespaces: deny, addedCapabilities: deny, "
    "defaultNamespace: deny, containerSockets: deny}";

struct FindingCase {
  std::string name;
  void (*spoil)(admission::Request& request);
  std::string key;
  std::string code;
  std::string text;
};

void WritableRoot(admission::Request& r) {
  r.pods[0].containers[0].read_only_root = false;
}
void Privileged(admission::Request& r) {
  r.pods[0].containers[0].privileged = true;
}
void HostNetwork(admission::Request& r) {
  r.pods[0].host_network = true;
}
void HostPid(admission::Request& r) {
  r.pods[0].host_pid = true;
}
void HostIpc(admission::Request& r) {
  r.pods[0].host_ipc = true;
}
void Capability(admission::Request& r) {
  r.pods[0].containers[0].added_capabilities = {"NET_BIND_SERVICE", "cap_sys_admin"};
}
void AllCapabilities(admission::Request& r) {
  r.pods[0].containers[0].added_capabilities = {"ALL"};
}
void DefaultNamespace(admission::Request& r) {
  r.namespace_name = "default";
}
void Socket(admission::Request& r) {
  r.pods[0].host_paths = {{"logs", "/var/log"}, {"sock", "/var/run/docker.sock"}};
}

class Finding : public ::testing::TestWithParam<FindingCase> {};

TEST_P(Finding, IsOffByDefault) {
  admission::Request request = Pod();
  GetParam().spoil(request);
  const Decision decision = Decide(request, {Clean("api"), Clean("log")}, PolicySet());
  EXPECT_EQ(decision.action, Action::kAllow);
  EXPECT_THAT(ToResponse(request, decision).warnings, IsEmpty());
}

TEST_P(Finding, IsDeniedWithItsCode) {
  EXPECT_EQ(Judge(Pod(), kAllDenied).action, Action::kAllow);
  admission::Request request = Pod();
  GetParam().spoil(request);
  const Decision decision = Judge(request, "{" + GetParam().key + ": deny}");
  EXPECT_EQ(decision.action, Action::kDeny);
  EXPECT_EQ(decision.reason_code, GetParam().code);
  const std::string message = ToResponse(request, decision).message;
  EXPECT_THAT(message, HasSubstr("(container \"api\") denied [" + GetParam().code));
  EXPECT_THAT(message, HasSubstr(GetParam().text));
  EXPECT_THAT(message, Not(HasSubstr("\"log\"")));
}

TEST_P(Finding, MayWarn) {
  admission::Request request = Pod();
  GetParam().spoil(request);
  const Decision decision = Judge(request, "{" + GetParam().key + ": warn}");
  EXPECT_EQ(decision.action, Action::kWarn);
  EXPECT_THAT(ToResponse(request, decision).warnings,
              ElementsAre(HasSubstr("warning [" + GetParam().code)));
}

// Only what is new is judged: what stood there before is told, and denies nothing.
TEST_P(Finding, ThatWasThereBeforeWarns) {
  admission::Request request = Pod();
  GetParam().spoil(request);
  request.operation = admission::Operation::kUpdate;
  request.old_pods = request.pods;
  EXPECT_EQ(Judge(request, "{" + GetParam().key + ": deny}").action, Action::kWarn);
}

INSTANTIATE_TEST_SUITE_P(
    All, Finding,
    ::testing::Values(
        FindingCase{"WritableRoot", WritableRoot, "writableRoot", "PL010",
                    "readOnlyRootFilesystem: true"},
        FindingCase{"Privileged", Privileged, "privileged", "PL011", "it is privileged"},
        FindingCase{"HostNetwork", HostNetwork, "hostNamespaces", "PL012", "hostNetwork"},
        FindingCase{"HostPid", HostPid, "hostNamespaces", "PL012", "hostPID"},
        FindingCase{"HostIpc", HostIpc, "hostNamespaces", "PL012", "hostIPC"},
        FindingCase{"Capability", Capability, "addedCapabilities", "PL013",
                    "does not allow: \"SYS_ADMIN\""},
        FindingCase{"AllCapabilities", AllCapabilities, "addedCapabilities", "PL013", "\"ALL\""},
        FindingCase{"DefaultNamespace", DefaultNamespace, "defaultNamespace", "PL014",
                    "namespace \"default\""},
        FindingCase{"Socket", Socket, "containerSockets", "PL015",
                    "volume \"sock\" of its pod leads to a container engine's socket: hostPath "
                    "\"/var/run/docker.sock\""}),
    [](const auto& test) { return test.param.name; });

TEST(PodFindings, TheListOfCapabilitiesIsThePolicys) {
  admission::Request request = Pod();
  request.pods[0].containers[0].added_capabilities = {"CAP_NET_ADMIN"};
  EXPECT_EQ(Judge(request, "{addedCapabilities: deny, allowedCapabilities: [NET_ADMIN]}").action,
            Action::kAllow);
  request.pods[0].containers[0].added_capabilities = {"NET_BIND_SERVICE"};
  EXPECT_EQ(Judge(request, "{addedCapabilities: deny, allowedCapabilities: []}").action,
            Action::kDeny);
}

TEST(PodFindings, SeveralStandInOneMessage) {
  admission::Request request = Pod();
  Privileged(request);
  HostPid(request);
  const std::string message = ToResponse(request, Judge(request, kAllDenied)).message;
  EXPECT_THAT(message, HasSubstr("[PL011 privileged]\n  it is privileged: it is root on the node; "
                                 "[PL012 host_namespaces] its pod shares"));
}

TEST(PodFindings, ABadImageIsNamedFirst) {
  admission::Request request = Pod();
  Privileged(request);
  JudgedUse bad = Clean("api");
  bad.report.verdict = rules::Verdict::kAffected;
  const Decision decision = Decide(request, {bad}, Policies("{podFindings: {privileged: deny}}"));
  EXPECT_EQ(decision.reason_code, "XZ001");
  EXPECT_THAT(ToResponse(request, decision).message,
              HasSubstr("also: [PL011 privileged] it is privileged"));
}

// Each image has the policy that covers it; the pod as a whole is judged by the strictest.
TEST(PodFindings, ThePolicyOfTheImageDecides) {
  auto set = PolicySet::Parse(
      {{"p.yaml",
        "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: lax}\nspec: {images: "
        "[reg.example/api]}\n---\n"
        "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: strict}\nspec: "
        "{podFindings: {privileged: deny, hostNamespaces: deny}}\n"}});
  ASSERT_THAT(set, testing::IsOk());
  admission::Request request = Pod();
  Privileged(request);
  EXPECT_EQ(Decide(request, {Clean("api"), Clean("log")}, *set).action, Action::kAllow);
  HostPid(request);
  const Decision decision = Decide(request, {Clean("api"), Clean("log")}, *set);
  EXPECT_EQ(decision.action, Action::kDeny);
  EXPECT_EQ(decision.uses.front().judged.use.name, "log");
}

TEST(PodFindings, ModesApply) {
  admission::Request request = Pod();
  Privileged(request);
  const Decision decision =
      Decide(request, {Clean("api")}, Policies("{mode: audit, podFindings: {privileged: deny}}"));
  EXPECT_EQ(decision.action, Action::kAllow);
  EXPECT_TRUE(decision.would_block);
}

TEST(PodFindings, MirrorPodsOfNodesWarn) {
  admission::Request request = Pod();
  HostNetwork(request);
  Privileged(request);
  request.is_mirror_pod = true;
  request.user = "system:node:n1";
  EXPECT_EQ(Judge(request, kAllDenied).action, Action::kWarn);
}

struct PathCase {
  std::string name, path;
  bool leads;
};

class ContainerSocket : public ::testing::TestWithParam<PathCase> {};

TEST_P(ContainerSocket, IsFoundBehindAPath) {
  EXPECT_EQ(LeadsToContainerSocket(GetParam().path), GetParam().leads);
}

INSTANTIATE_TEST_SUITE_P(
    All, ContainerSocket,
    ::testing::Values(
        PathCase{"Docker", "/var/run/docker.sock", true},
        PathCase{"DockerOfRun", "/run/docker.sock", true},
        PathCase{"Containerd", "/run/containerd/containerd.sock", true},
        PathCase{"ContainerdFolder", "/run/containerd", true}, PathCase{"K3s", "/run/k3s", true},
        PathCase{"Crio", "/var/run/crio/crio.sock", true},
        PathCase{"Podman", "/run/podman/podman.sock", true},
        PathCase{"PodmanOfAUser", "/run/user/1000/podman/podman.sock", true},
        PathCase{"MovedSocket", "/var/snap/microk8s/common/run/containerd.sock", true},
        PathCase{"Root", "/", true}, PathCase{"Empty", "", true}, PathCase{"Run", "/run", true},
        PathCase{"VarRun", "/var/run/", true}, PathCase{"Var", "/var", true},
        PathCase{"DoubleSlash", "//run//./docker.sock/", true}, PathCase{"Logs", "/var/log", false},
        PathCase{"Lookalike", "/run/docker.sock.d/x", false}, PathCase{"Prefix", "/ru", false},
        PathCase{"Below", "/run/containerd/io.containerd.runtime.v2", false},
        PathCase{"Kubelet", "/var/lib/kubelet", false}),
    [](const auto& test) { return test.param.name; });

struct BadCase {
  std::string name, findings, message;
};

class BadPodFindings : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadPodFindings, AreRefused) {
  const auto set =
      PolicySet::Parse({{"p.yaml", kPolicyHead + "{podFindings: " + GetParam().findings + "}\n"}});
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(All, BadPodFindings,
                         ::testing::Values(BadCase{"Word", "{privileged: allow}", "privileged"},
                                           BadCase{"Bool", "{privileged: true}", "privileged"},
                                           BadCase{"Unknown", "{privilegd: deny}", "privileged"},
                                           BadCase{"List", "[privileged]", "podFindings"},
                                           BadCase{"Capability",
                                                   "{allowedCapabilities: [net-admin]}",
                                                   "want a capability"},
                                           BadCase{"CapabilitiesText", "{allowedCapabilities: ALL}",
                                                   "allowedCapabilities"}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace xzgate::policy
