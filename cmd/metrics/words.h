#pragma once

#include <array>
#include <string_view>

namespace xzgate::cmd {

// The closed sets that label values come from (kubernetes.md 3.1: no label whose values are
// unbounded). A value outside its set is counted as the last one.
inline constexpr std::array<std::string_view, 3> kOperations = {"CREATE", "UPDATE", "other"};
inline constexpr std::array<std::string_view, 11> kResources = {"pods",
                                                                "pods/ephemeralcontainers",
                                                                "deployments",
                                                                "replicasets",
                                                                "replicationcontrollers",
                                                                "statefulsets",
                                                                "daemonsets",
                                                                "jobs",
                                                                "cronjobs",
                                                                "podtemplates",
                                                                "other"};
inline constexpr std::array<std::string_view, 3> kDecisions = {"allow", "warn", "deny"};
inline constexpr std::array<std::string_view, 3> kModes = {"enforce", "warn", "audit"};
// Verdicts and causes, then those of signatures (signature::ToString(Reason)), then the rest.
inline constexpr std::array<std::string_view, 40> kReasons = {"affected",
                                                              "suspicious",
                                                              "affected_version",
                                                              "pending",
                                                              "unreachable",
                                                              "unreadable",
                                                              "not_an_image",
                                                              "fixed_by_distro",
                                                              "clean",
                                                              "unsigned",
                                                              "malformed",
                                                              "signature",
                                                              "claims",
                                                              "identity",
                                                              "certificate",
                                                              "sct",
                                                              "log",
                                                              "timestamp",
                                                              "trust_root",
                                                              "threshold",
                                                              "attestation",
                                                              "condition",
                                                              "registry",
                                                              "too_many",
                                                              "unsupported",
                                                              "no_requirement",
                                                              "signature_pending",
                                                              "digest_required",
                                                              "invalid_reference",
                                                              "no_images",
                                                              "being_deleted",
                                                              "scaled_down",
                                                              "unknown_kind",
                                                              "writable_root",
                                                              "privileged",
                                                              "host_namespaces",
                                                              "added_capabilities",
                                                              "default_namespace",
                                                              "container_socket",
                                                              "other"};
inline constexpr std::array<std::string_view, 5> kOutcomes = {
    "not_required", "verified", "unsigned", "wrongly_signed", "undecided"};
inline constexpr std::array<std::string_view, 4> kCacheStates = {"hit", "store", "waited", "miss"};
inline constexpr std::array<std::string_view, 6> kVerdicts = {
    "affected", "suspicious", "affected_version", "unknown", "fixed_by_distro", "clean"};

// Where `word` stands in its set; the last place when it does not.
template <std::size_t N>
constexpr std::size_t PlaceOf(const std::array<std::string_view, N>& set, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (set[i] == word) return i;
  }
  return N - 1;
}

}  // namespace xzgate::cmd
