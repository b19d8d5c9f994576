#include "webhook/policy/pod_findings.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace xzgate::policy {
namespace {

using admission::ContainerFacts;
using admission::PodFacts;

// Defaults of docker, containerd, k3s, CRI-O, podman and cri-dockerd; /var/run leads to /run on
// most nodes.
constexpr std::array<std::string_view, 12> kSockets = {"/run/docker.sock",
                                                       "/var/run/docker.sock",
                                                       "/run/containerd/containerd.sock",
                                                       "/var/run/containerd/containerd.sock",
                                                       "/run/k3s/containerd/containerd.sock",
                                                       "/var/run/k3s/containerd/containerd.sock",
                                                       "/run/crio/crio.sock",
                                                       "/var/run/crio/crio.sock",
                                                       "/run/podman/podman.sock",
                                                       "/var/run/podman/podman.sock",
                                                       "/run/cri-dockerd.sock",
                                                       "/var/run/cri-dockerd.sock"};
constexpr std::size_t kMaxNamed = 4;       // capabilities in one sentence
constexpr std::size_t kMaxPathBytes = 96;  // of the node, in a sentence

// Without doubled slashes, "." and a slash at the end. (The API server takes no "..".)
std::string Plain(std::string_view path) {
  std::string plain;
  for (const auto part : Split(path, '/')) {
    if (!part.empty() && part != ".") plain += "/" + std::string(part);
  }
  return plain;
}

std::string_view NameOf(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// "NET_ADMIN" of "CAP_NET_ADMIN" and "net_admin", which container runtimes take alike.
std::string PlainCapability(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return plain.starts_with("CAP_") ? plain.substr(4) : plain;
}

std::string AddedBeyond(const ContainerFacts& container, const std::vector<std::string>& allowed) {
  std::vector<std::string> named;
  for (const auto& text : container.added_capabilities) {
    const std::string plain = PlainCapability(text);
    const bool is_allowed = std::ranges::any_of(
        allowed, [&plain](const std::string& one) { return PlainCapability(one) == plain; });
    const std::string quoted = Quote(plain, 32);
    if (!is_allowed && std::ranges::find(named, quoted) == named.end()) named.push_back(quoted);
  }
  if (named.size() > kMaxNamed) {
    const std::size_t more = named.size() - kMaxNamed;
    named.resize(kMaxNamed);
    named.push_back(std::to_string(more) + " more");
  }
  return Join(named, ", ");
}

std::string SharedNamespaces(const PodFacts& pod) {
  std::vector<std::string> named;
  if (pod.host_network) named.emplace_back("network (hostNetwork)");
  if (pod.host_pid) named.emplace_back("processes (hostPID)");
  if (pod.host_ipc) named.emplace_back("memory of other processes (hostIPC)");
  return Join(named, ", ");
}

// Collects what a policy asks about.
class Finder {
 public:
  void Add(Action action, std::string_view code, std::string_view word, std::string detail) {
    if (action == Action::kAllow) return;
    PodFinding finding{.code = code, .word = word, .detail = std::move(detail), .action = action};
    if (std::ranges::find(found_, finding) == found_.end()) found_.push_back(std::move(finding));
  }

  void AddContainer(const ContainerFacts& container, const PodFindings& asked) {
    if (!container.read_only_root) {
      Add(asked.writable_root, "PL010", "writable_root",
          "its root file system can be written to; want securityContext.readOnlyRootFilesystem: "
          "true");
    }
    if (container.privileged)
      Add(asked.privileged, "PL011", "privileged", "it is privileged: it is root on the node");
    const std::string added = AddedBeyond(container, asked.allowed_capabilities);
    if (!added.empty()) {
      Add(asked.added_capabilities, "PL013", "added_capabilities",
          "it adds capabilities that this policy does not allow: " + added);
    }
  }

  void AddPod(const PodFacts& pod, const PodFindings& asked) {
    const std::string shared = SharedNamespaces(pod);
    if (!shared.empty())
      Add(asked.host_namespaces, "PL012", "host_namespaces", "its pod shares the node's " + shared);
    for (const auto& volume : pod.host_paths) {
      if (!LeadsToContainerSocket(volume.path)) continue;
      Add(asked.container_sockets, "PL015", "container_socket",
          "volume " + Quote(volume.volume, 63) +
              " of its pod leads to a container engine's socket: hostPath " +
              Quote(volume.path, kMaxPathBytes));
    }
  }

  std::vector<PodFinding>& found() { return found_; }

 private:
  std::vector<PodFinding> found_;
};

std::vector<PodFinding> InContainer(const std::vector<PodFacts>& pods,
                                    const admission::ImageUse& use, const PodFindings& asked) {
  Finder finder;
  for (const PodFacts& pod : pods) {
    for (const ContainerFacts& container : pod.containers) {
      if (container.kind == use.kind && container.name == use.name)
        finder.AddContainer(container, asked);
    }
  }
  return std::move(finder.found());
}

std::vector<PodFinding> InPods(const admission::Request& request, const std::vector<PodFacts>& pods,
                               const PodFindings& asked) {
  Finder finder;
  for (const PodFacts& pod : pods) finder.AddPod(pod, asked);
  if (!pods.empty() && request.namespace_name == "default")
    finder.Add(asked.default_namespace, "PL014", "default_namespace",
               "it is for namespace \"default\"");
  return std::move(finder.found());
}

// Only what is new is judged.
std::vector<PodFinding> Marked(std::vector<PodFinding> found, const std::vector<PodFinding>& old) {
  for (PodFinding& finding : found) {
    if (std::ranges::find(old, finding) == old.end()) continue;
    finding.unchanged = true;
    finding.action = std::min(finding.action, Action::kWarn);
  }
  return found;
}

}  // namespace

bool LeadsToContainerSocket(std::string_view path) {
  const std::string plain = Plain(path);
  return std::ranges::any_of(kSockets, [&plain](std::string_view socket) {
    return socket.starts_with(plain + "/") || NameOf(plain) == NameOf(socket);
  });
}

std::vector<PodFinding> FindInContainer(const admission::Request& request,
                                        const admission::ImageUse& use, const PodFindings& asked) {
  if (asked == PodFindings{}) return {};
  return Marked(InContainer(request.pods, use, asked), InContainer(request.old_pods, use, asked));
}

std::vector<PodFinding> FindInPod(const admission::Request& request, const PodFindings& asked) {
  if (asked == PodFindings{}) return {};
  return Marked(InPods(request, request.pods, asked), InPods(request, request.old_pods, asked));
}

Action WorstOf(const std::vector<PodFinding>& findings) {
  Action worst = Action::kAllow;
  for (const PodFinding& finding : findings) worst = std::max(worst, finding.action);
  return worst;
}

}  // namespace xzgate::policy
