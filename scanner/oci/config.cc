#include "base/json/reader.h"
#include "scanner/oci/document_fields.h"
#include "scanner/oci/manifest.h"

namespace xzgate::oci {
namespace {

constexpr std::string_view kWhere = "image config";

// Labels may differ in case alone (a base image's "maintainer", a child's "Maintainer"), so that
// case variants are looked for only among the members that we read.
constexpr json::Limits kLimits{.max_bytes = kMaxConfigBytes};

Result<std::vector<std::string>> ReadDiffIds(const json::Value& root) {
  const json::Value* rootfs = root.Find("rootfs");
  if (rootfs == nullptr || rootfs->is_null()) return std::vector<std::string>();
  const std::string where = std::string(kWhere) + ": rootfs";
  XZGATE_RETURN_IF_ERROR(CheckKeys(*rootfs, {"type", "diff_ids"}, where));
  XZGATE_ASSIGN(auto diff_ids, GetStrings(*rootfs, "diff_ids", where));
  if (diff_ids.size() > kMaxLayers) {
    return ResourceExhausted(where + ": diff_ids: " + std::to_string(diff_ids.size()) +
                             ", want at most " + std::to_string(kMaxLayers));
  }
  for (const std::string& diff_id : diff_ids) {
    const auto digest = Digest::Parse(diff_id);
    if (!digest) {
      return InvalidArgument(where + ": diff_ids: " + digest.error().message());
    }
  }
  return diff_ids;
}

}  // namespace

Result<ImageConfig> ParseConfig(std::string_view bytes) {
  XZGATE_ASSIGN(const json::Value root, json::Parse(bytes, kLimits, kWhere));
  XZGATE_RETURN_IF_ERROR(CheckKeys(root, {"config", "rootfs"}, kWhere));
  ImageConfig config;
  XZGATE_ASSIGN(config.platform, GetPlatform(root, kWhere));
  if (const json::Value* run = root.Find("config"); run != nullptr && !run->is_null()) {
    const std::string where = std::string(kWhere) + ": config";
    XZGATE_RETURN_IF_ERROR(CheckKeys(*run, {"Env"}, where));
    XZGATE_ASSIGN(config.env, GetStrings(*run, "Env", where));
  }
  XZGATE_ASSIGN(config.diff_ids, ReadDiffIds(root));
  return config;
}

}  // namespace xzgate::oci
