#include "webhook/admission/pod_spec_reader.h"

#include <algorithm>

namespace xzgate::admission {
namespace {

std::string FieldOf(const std::string& pod, UseKind kind, std::size_t index) {
  const std::string at = "[" + std::to_string(index) + "].image";
  switch (kind) {
    case UseKind::kContainer:
      return pod + ".containers" + at;
    case UseKind::kInitContainer:
      return pod + ".initContainers" + at;
    case UseKind::kEphemeralContainer:
      return pod + ".ephemeralContainers" + at;
    case UseKind::kImageVolume:
      return pod + ".volumes" + at + ".reference";
  }
  return pod + at;
}

}  // namespace

bool PodSpecReader::StartPod(std::string field) {
  if (pods_.size() >= kMaxPodTemplates)
    return Stop("pod templates in one object", kMaxPodTemplates);
  pods_.emplace_back().field = std::move(field);
  return true;
}

bool PodSpecReader::EndItem(UseKind kind, std::size_t index) {
  PodFacts& pod = pods_.back();
  const bool is_container = kind != UseKind::kImageVolume;
  if ((is_container || draft_.has_host_path) && ++items_ > kMaxImageUses)
    return Stop("containers in one object", kMaxImageUses);
  if (draft_.has_host_path && !is_container)
    pod.host_paths.push_back({draft_.name, std::move(draft_.host_path)});
  if (is_container) {
    draft_.facts.kind = kind;
    draft_.facts.name = draft_.name;
    pod.containers.push_back(std::move(draft_.facts));
  }
  // Most volumes hold no image; a container without one is the API server's to refuse, and names
  // nothing to judge.
  if (!draft_.has_image) return true;
  if (uses_.size() >= kMaxImageUses) return Stop("images in one object", kMaxImageUses);
  uses_.push_back({.kind = kind,
                   .name = std::move(draft_.name),
                   .field = FieldOf(pod.field, kind, index),
                   .reference = std::move(draft_.reference),
                   .pull_policy = std::move(draft_.pull_policy),
                   .unchanged = false});
  return true;
}

std::string* PodSpecReader::SlotOf(Node node) {
  switch (node) {
    case Node::kContainerName:
    case Node::kVolumeName:
      return &draft_.name;
    case Node::kImage:
    case Node::kVolumeReference:
      return &draft_.reference;
    case Node::kPullPolicy:
    case Node::kVolumePullPolicy:
      return &draft_.pull_policy;
    case Node::kHostPathPath:
      return &draft_.host_path;
    case Node::kServiceAccount:
      return &pods_.back().service_account;
    default:
      return nullptr;
  }
}

bool PodSpecReader::SetString(Node node, std::string_view text) {
  if (node == Node::kPullSecretName) return AddPullSecret(text);
  if (node == Node::kAddedCapability) {
    std::vector<std::string>& added = draft_.facts.added_capabilities;
    if (added.size() >= kMaxCapabilities)
      return Stop("added capabilities in one container", kMaxCapabilities);
    added.emplace_back(text);
  }
  if (std::string* slot = SlotOf(node)) *slot = text;
  if (node == Node::kImage || node == Node::kVolumeReference) draft_.has_image = true;
  if (node == Node::kHostPathPath) draft_.has_host_path = true;
  return true;
}

void PodSpecReader::SetBool(Node node, bool b) {
  if (node == Node::kHostNetwork) pods_.back().host_network = b;
  if (node == Node::kHostPid) pods_.back().host_pid = b;
  if (node == Node::kHostIpc) pods_.back().host_ipc = b;
  if (node == Node::kPrivileged) draft_.facts.privileged = b;
  if (node == Node::kReadOnlyRoot) draft_.facts.read_only_root = b;
}

bool PodSpecReader::AddPullSecret(std::string_view name) {
  std::vector<std::string>& names = pods_.back().pull_secrets;
  const bool is_new = !name.empty() && std::ranges::find(names, name) == names.end();
  if (is_new && names.size() < kMaxPullSecrets) names.emplace_back(name);
  return true;
}

bool PodSpecReader::Stop(std::string_view what, std::size_t limit) {
  stop_reason_ = "more than " + std::to_string(limit) + " " + std::string(what);
  return false;
}

}  // namespace xzgate::admission
