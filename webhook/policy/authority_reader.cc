#include "webhook/policy/authority_reader.h"

#include <algorithm>
#include <utility>

#include "base/rfc3339.h"
#include "base/text.h"
#include "webhook/policy/matcher_reader.h"

namespace xzgate::policy {
namespace {

using signature::Authority;
using signature::TrustedRoot;

constexpr std::size_t kMaxAuthorities = 64;  // of one policy
constexpr std::size_t kMaxNameBytes = 63;
constexpr std::size_t kMaxAnnotations = 32;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// One `authorities` list.
class Reader {
 public:
  explicit Reader(const ReadingFrom& from) : from_(from) {}

  Authority Read(yaml::Mapping& map) {
    Authority authority;
    map.Misplaced("identities", "belongs under \"keyless\" or \"certificate\"");
    for (const std::string_view key : {"tlogThreshold", "timestampThreshold", "sctThreshold"})
      map.Misplaced(key, "belongs under \"keyless\"");
    map.Required("name", authority.name);
    const yaml::Node* name = map.node().Find("name");
    if (!authority.name.empty() && !IsName(authority.name))
      name->Complain(from_.problems, "want up to 63 letters, digits, '-', '_' and '.', found " +
                                         Quote(authority.name, kMaxNameBytes));
    authority.roots = ReadTrustedRoots(map, from_);
    has_bad_root_ = std::erase(authority.roots, nullptr) > 0;
    ReadAnnotations(map, authority);
    ReadKind(map, authority);
    return authority;
  }

 private:
  void ReadKind(yaml::Mapping& map, Authority& authority) {
    std::vector<std::string> kinds;
    for (const std::string_view kind : {"key", "keys", "keyless", "certificate"}) {
      if (map.node().Find(kind) != nullptr) kinds.push_back(Quote(kind));
    }
    if (kinds.size() != 1) {
      map.node().Complain(from_.problems,
                          "want one of \"key\", \"keys\", \"keyless\" and \"certificate\", found " +
                              (kinds.empty() ? "none" : Join(kinds, " and ")));
    }
    // All that are there are read, so that all of their problems are known.
    if (map.node().Find("keyless") != nullptr) ReadKeyless(map, authority);
    if (map.node().Find("certificate") != nullptr) ReadCertificate(map, authority);
    if (kinds.empty() || map.node().Find("key") != nullptr || map.node().Find("keys") != nullptr)
      ReadKeyAuthority(map, authority);
  }

  void ReadKeyAuthority(yaml::Mapping& map, Authority& authority) {
    signature::KeyAuthority kind;
    kind.keys = ReadKeys(map, from_);
    map.Optional("requireTlog", kind.require_tlog);
    map.Optional("requireTimestamp", kind.require_timestamp);
    map.Section("validFor", [this, &kind](yaml::Mapping& valid) { ReadValidity(valid, kind); });
    if (kind.require_tlog)
      CheckThreshold(map, "requireTlog", 1, Most(authority, &TrustedRoot::tlogs), "logs");
    if (kind.require_timestamp) {
      CheckThreshold(map, "requireTimestamp", 1,
                     Most(authority, &TrustedRoot::timestamp_authorities), "timestamp authorities");
    }
    authority.kind = std::move(kind);
  }

  void ReadValidity(yaml::Mapping& map, signature::KeyAuthority& kind) {
    const auto read = [this, &map](std::string_view key) -> std::optional<WallTime> {
      const yaml::Node* node = map.Take(key);
      if (node == nullptr) return std::nullopt;
      const auto time = ParseRfc3339(node->scalar());
      if (time) return *time;
      node->Complain(from_.problems, "want an RFC 3339 time, such as \"2027-01-31T00:00:00Z\": " +
                                         time.error().message());
      return std::nullopt;
    };
    if (const auto start = read("start")) kind.valid.start = *start;
    kind.valid.end = read("end");
    if (kind.valid.end && *kind.valid.end < kind.valid.start)
      map.node().Complain(from_.problems, "ends before it starts: no signature would do");
  }

  void ReadKeyless(yaml::Mapping& map, Authority& authority) {
    signature::KeylessAuthority kind;
    map.Section("keyless", [&](yaml::Mapping& keyless) {
      MarkThoseOfTheAuthority(keyless);
      kind.identities = ReadIdentities(keyless, /*is_private=*/false);
      const std::size_t tlogs = Most(authority, &TrustedRoot::tlogs);
      // A log's own promise (Rekor v1) is a trusted time too.
      const std::size_t times = tlogs + Most(authority, &TrustedRoot::timestamp_authorities);
      kind.tlog_threshold = ReadThreshold(keyless, "tlogThreshold", tlogs, "logs");
      kind.timestamp_threshold =
          ReadThreshold(keyless, "timestampThreshold", times, "sources of trusted time");
      kind.sct_threshold = ReadThreshold(keyless, "sctThreshold",
                                         Most(authority, &TrustedRoot::ctlogs), "certificate logs");
      if (Most(authority, &TrustedRoot::certificate_authorities) == 0 && !authority.roots.empty())
        keyless.node().Complain(from_.problems, "the trusted root has no certificate authority");
    });
    authority.kind = std::move(kind);
  }

  void ReadCertificate(yaml::Mapping& map, Authority& authority) {
    signature::CertificateAuthority kind;
    map.Section("certificate", [&](yaml::Mapping& certificate) {
      MarkThoseOfTheAuthority(certificate);
      kind.roots = ReadCertificates(certificate, "roots", /*required=*/true, from_);
      kind.intermediates =
          ReadCertificates(certificate, "intermediates", /*required=*/false, from_);
      kind.identities = ReadIdentities(certificate, /*is_private=*/true);
      certificate.Optional("requireTimestamp", kind.require_timestamp);
      if (kind.require_timestamp) {
        CheckThreshold(certificate, "requireTimestamp", 1,
                       Most(authority, &TrustedRoot::timestamp_authorities),
                       "timestamp authorities");
      }
    });
    authority.kind = std::move(kind);
  }

  void ReadAnnotations(yaml::Mapping& map, Authority& authority) {
    const yaml::Node* node = map.Take("annotations");
    if (node == nullptr) return;
    if (!node->IsMapping() || node->members().size() > kMaxAnnotations) {
      return node->Complain(from_.problems, "want a mapping of at most " +
                                                std::to_string(kMaxAnnotations) + " texts");
    }
    for (const auto& [key, value] : node->members()) {
      if (key.empty() || !value.IsScalar()) {
        value.Complain(from_.problems, "want a name and a text");
      } else {
        authority.annotations.emplace_back(key, value.scalar());
      }
    }
  }

  // The largest list of the kind in any of the roots: no signature meets a greater threshold.
  template <typename List>
  static std::size_t Most(const Authority& authority, const List& (TrustedRoot::*list)() const) {
    std::size_t most = 0;
    for (const auto& root : authority.roots) most = std::max(most, ((*root).*list)().size());
    return most;
  }

  std::size_t ReadThreshold(yaml::Mapping& map, std::string_view key, std::size_t most,
                            std::string_view what) {
    std::int64_t threshold = 1;
    map.Optional(key, threshold, 1, static_cast<std::int64_t>(TrustedRoot::kMaxEntries));
    CheckThreshold(map, key, static_cast<std::size_t>(threshold), most, what);
    return static_cast<std::size_t>(threshold);
  }

  void CheckThreshold(const yaml::Mapping& map, std::string_view key, std::size_t threshold,
                      std::size_t most, std::string_view what) {
    if (threshold <= most || has_bad_root_) return;
    const yaml::Node* node = map.node().Find(key);
    (node == nullptr ? map.node() : *node)
        .Complain(from_.problems, std::string(key) + " asks for " + std::to_string(threshold) +
                                      ", and no trusted root has more than " +
                                      std::to_string(most) + " " + std::string(what));
  }

  const ReadingFrom& from_;
  bool has_bad_root_ = false;  // then what is counted in it says nothing
};

}  // namespace

std::vector<NamedAuthority> ReadAuthorities(yaml::Mapping& spec, const ReadingFrom& from) {
  std::vector<NamedAuthority> authorities;
  spec.Each("authorities", [&](yaml::Mapping& map) {
    auto read = std::make_shared<const Authority>(Reader(from).Read(map));
    const yaml::Node* name = map.node().Find("name");
    NamedAuthority named{.authority = read, .place = (name ? *name : map.node()).Where()};
    const auto other = std::ranges::find_if(authorities, [&read](const NamedAuthority& known) {
      return known.authority->name == read->name;
    });
    if (other != authorities.end() && name != nullptr) {
      name->Complain(from.problems, Quote(read->name) + " is used twice, first at " + other->place);
    }
    authorities.push_back(std::move(named));
  });
  if (authorities.size() > kMaxAuthorities) {
    spec.node()
        .Find("authorities")
        ->Complain(from.problems, "more than " + std::to_string(kMaxAuthorities) + " authorities");
  }
  return authorities;
}

}  // namespace xzgate::policy
