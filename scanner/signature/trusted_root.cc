#include "scanner/signature/trusted_root.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/byte_source.h"
#include "base/text.h"
#include "scanner/signature/strict_json.h"
#include "scanner/signature/trusted_root_reader.h"

namespace xzgate::signature {

// Written by embed.cmake from roots/public-good.json.
extern const unsigned char kPublicGoodRoot[];
extern const std::size_t kPublicGoodRootSize;

namespace {

// Sigstore protobuf-specs, TrustedRoot.media_type: the present one and the two before it. Their
// members are those of one message.
constexpr std::array<std::string_view, 3> kMediaTypes = {
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
};

Result<void> CheckMediaType(const json::Value& root) {
  XZGATE_ASSIGN(const std::string type, json::GetString(root, "mediaType", "$"));
  if (std::ranges::find(kMediaTypes, type) != kMediaTypes.end()) return {};
  return Unsupported("$.mediaType: want " + Quote(kMediaTypes.back()) + ", found " + Quote(type));
}

bool IsEmpty(const json::Value& root) {
  for (const std::string_view key :
       {"tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities"}) {
    const json::Value* list = root.Find(key);
    if (list != nullptr && list->AsArray() != nullptr && !list->AsArray()->empty()) return false;
  }
  return true;
}

template <typename T>
void Take(RootList<T> list, std::vector<T>& items, std::vector<std::string>& notes) {
  items = std::move(list.items);
  std::ranges::move(list.notes, std::back_inserter(notes));
}

// When the last of some ends.
class LastEnd {
 public:
  void Add(std::optional<WallTime> end) {
    if (!end) is_endless_ = true;
    if (end && (!end_ || *end > *end_)) end_ = end;
  }
  void Add(const std::vector<Log>& logs) {
    for (const Log& log : logs) Add(log.valid.end);
  }
  void Add(const std::vector<Anchor>& anchors) {
    for (const Anchor& anchor : anchors) {
      // The whole chain must be valid whenever the anchor is used.
      WallTime end = anchor.valid.end.value_or(WallTime::max());
      for (const auto& certificate : anchor.chain) end = std::min(end, certificate.not_after());
      Add(end);
    }
  }
  // Absent for never, and for none.
  std::optional<WallTime> end() const { return is_endless_ ? std::nullopt : end_; }

 private:
  bool is_endless_ = false;
  std::optional<WallTime> end_;
};

}  // namespace

Result<TrustedRoot> TrustedRoot::Parse(std::string_view json, std::string_view name) {
  const auto read = [&]() -> Result<TrustedRoot> {
    XZGATE_ASSIGN(const json::Value root, json::Parse(json, StrictLimits(kMaxBytes), "document"));
    XZGATE_RETURN_IF_ERROR(CheckMembers(
        root, {"mediaType", "tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities"},
        "$"));
    XZGATE_RETURN_IF_ERROR(CheckMediaType(root));
    if (IsEmpty(root)) return InvalidArgument("it has no log and no authority");
    XZGATE_ASSIGN(auto tlogs, ReadLogs(root, "tlogs"));
    XZGATE_ASSIGN(auto ctlogs, ReadLogs(root, "ctlogs"));
    XZGATE_ASSIGN(auto cas,
                  ReadAnchors(root, "certificateAuthorities", AnchorKind::kCertificateAuthority));
    XZGATE_ASSIGN(auto tsas,
                  ReadAnchors(root, "timestampAuthorities", AnchorKind::kTimestampAuthority));
    TrustedRoot result;
    Take(std::move(tlogs), result.tlogs_, result.notes_);
    Take(std::move(ctlogs), result.ctlogs_, result.notes_);
    Take(std::move(cas), result.certificate_authorities_, result.notes_);
    Take(std::move(tsas), result.timestamp_authorities_, result.notes_);
    return result;
  };
  auto result = read();
  if (!result) return Annotate(result.error(), "trusted root " + Quote(name));
  result->name_ = name;
  result->digest_ = crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(json));
  return result;
}

std::shared_ptr<const TrustedRoot> TrustedRoot::BuiltIn() {
  // Made once; a constant from then on.
  static const std::shared_ptr<const TrustedRoot> kRoot = [] {
    auto root =
        Parse({reinterpret_cast<const char*>(kPublicGoodRoot), kPublicGoodRootSize}, "public-good");
    if (!root) std::abort();  // a file of ours, which a test reads
    return std::make_shared<const TrustedRoot>(*std::move(root));
  }();
  return kRoot;
}

std::optional<WallTime> TrustedRoot::expires() const {
  LastEnd authorities;
  authorities.Add(certificate_authorities_);
  LastEnd certificate_logs;
  certificate_logs.Add(ctlogs_);
  LastEnd witnesses;
  witnesses.Add(tlogs_);
  witnesses.Add(timestamp_authorities_);
  std::optional<WallTime> first;
  for (const LastEnd& kind : {authorities, certificate_logs, witnesses}) {
    if (const auto end = kind.end(); end && (!first || *end < *first)) first = end;
  }
  return first;
}

}  // namespace xzgate::signature
