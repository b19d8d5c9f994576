// What the parser takes has whole authorities and logs that differ; what it refuses has a message
// fit to show.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "scanner/signature/trusted_root.h"

namespace {

using xzgate::signature::TrustedRoot;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckLogs(const std::vector<xzgate::signature::Log>& logs) {
  Check(logs.size() <= TrustedRoot::kMaxEntries);
  std::set<std::string> ids;
  for (const auto& log : logs) {
    Check(!log.origin.empty() && !log.id.empty() && ids.insert(log.id).second);
    Check(!log.valid.end || log.valid.start <= *log.valid.end);
    Check(log.valid.Covers(log.valid.start));
  }
}

void CheckAnchors(const std::vector<xzgate::signature::Anchor>& anchors) {
  Check(anchors.size() <= TrustedRoot::kMaxEntries);
  for (const auto& anchor : anchors) {
    Check(!anchor.chain.empty() && anchor.valid.Covers(anchor.valid.start));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto root = TrustedRoot::Parse(text, "fuzz");
  if (!root) {
    Check(root.error().message().size() < 4096 && xzgate::IsValidUtf8(root.error().message()));
    return 0;
  }
  CheckLogs(root->tlogs());
  CheckLogs(root->ctlogs());
  CheckAnchors(root->certificate_authorities());
  CheckAnchors(root->timestamp_authorities());
  Check(root->digest().size() == 64);
  // An end says that something ends.
  Check(!root->expires() || !root->certificate_authorities().empty() || !root->ctlogs().empty() ||
        !root->tlogs().empty() || !root->timestamp_authorities().empty());
  return 0;
}
