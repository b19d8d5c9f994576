#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/byte_source.h"
#include "base/rfc3339.h"
#include "base/text.h"
#include "scanner/signature/strict_json.h"
#include "scanner/signature/trusted_root_reader.h"

namespace xzgate::signature {
namespace {

using crypto::KeyKind;
using Form = crypto::Scheme::Form;

constexpr std::size_t kMaxIdBytes = 64;  // SHA-256 or the first 4 bytes of it, as seen

// The names of PublicKeyDetails (Sigstore protobuf-specs, sigstore_common.proto) that we verify.
// Others (LMS, ML-DSA, HMAC, Ed25519ph) sign no log that we know of.
struct KeyDetails {
  std::string_view name;
  KeyKind kind;
  crypto::Scheme scheme = {};
  int bits = 0;  // 0: any
  bool is_pkcs1 = false;
};
constexpr crypto::Scheme kPss{.form = Form::kPss};
constexpr crypto::Scheme kSha384{.hash = crypto::Algorithm::kSha384};
constexpr crypto::Scheme kSha512{.hash = crypto::Algorithm::kSha512};
constexpr KeyDetails kKeyDetails[] = {
    {.name = "PKIX_ECDSA_P256_SHA_256", .kind = KeyKind::kEcdsaP256},
    {.name = "PKIX_ECDSA_P384_SHA_384", .kind = KeyKind::kEcdsaP384, .scheme = kSha384},
    {.name = "PKIX_ECDSA_P521_SHA_512", .kind = KeyKind::kEcdsaP521, .scheme = kSha512},
    {.name = "PKIX_ECDSA_P384_SHA_256", .kind = KeyKind::kEcdsaP384},
    {.name = "PKIX_ECDSA_P521_SHA_256", .kind = KeyKind::kEcdsaP521},
    {.name = "PKIX_ED25519", .kind = KeyKind::kEd25519},
    {.name = "PKCS1_RSA_PKCS1V5", .kind = KeyKind::kRsa, .is_pkcs1 = true},
    {.name = "PKCS1_RSA_PSS", .kind = KeyKind::kRsa, .scheme = kPss, .is_pkcs1 = true},
    {.name = "PKIX_RSA_PKCS1V5", .kind = KeyKind::kRsa},
    {.name = "PKIX_RSA_PSS", .kind = KeyKind::kRsa, .scheme = kPss},
    {.name = "PKIX_RSA_PKCS1V15_2048_SHA256", .kind = KeyKind::kRsa, .bits = 2048},
    {.name = "PKIX_RSA_PKCS1V15_3072_SHA256", .kind = KeyKind::kRsa, .bits = 3072},
    {.name = "PKIX_RSA_PKCS1V15_4096_SHA256", .kind = KeyKind::kRsa, .bits = 4096},
    {.name = "PKIX_RSA_PSS_2048_SHA256", .kind = KeyKind::kRsa, .scheme = kPss, .bits = 2048},
    {.name = "PKIX_RSA_PSS_3072_SHA256", .kind = KeyKind::kRsa, .scheme = kPss, .bits = 3072},
    {.name = "PKIX_RSA_PSS_4096_SHA256", .kind = KeyKind::kRsa, .scheme = kPss, .bits = 4096},
};

const KeyDetails* FindDetails(std::string_view name) {
  const auto* found = std::ranges::find(kKeyDetails, name, &KeyDetails::name);
  return found == std::end(kKeyDetails) ? nullptr : found;
}

// What a member `publicKey` says; without `key` and with `note` when it is of no use to us.
struct LogKey {
  std::optional<crypto::PublicKey> key;
  crypto::Scheme scheme;
  Validity valid;
  std::string note;
};

Result<LogKey> ReadKey(const json::Value& log, std::string_view log_path) {
  const std::string path = MemberPath(log_path, "publicKey");
  XZGATE_ASSIGN(const json::Value* member, GetObject(log, "publicKey", log_path));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*member, {"rawBytes", "keyDetails", "validFor"}, path));
  XZGATE_ASSIGN(const json::Value* range, GetObject(*member, "validFor", path));
  LogKey result;
  XZGATE_ASSIGN(result.valid, ReadValidity(*range, MemberPath(path, "validFor")));
  XZGATE_ASSIGN(const std::string bytes, GetBytes(*member, "rawBytes", path));
  XZGATE_ASSIGN(const std::string name, json::GetString(*member, "keyDetails", path));
  const KeyDetails* details = FindDetails(name);
  if (details == nullptr) {
    result.note = "kind of key " + Quote(name, 64) + " is not known";
    return result;
  }
  result.scheme = details->scheme;
  auto key = details->is_pkcs1 ? crypto::PublicKey::FromPkcs1(AsBytes(bytes))
                               : crypto::PublicKey::FromDer(AsBytes(bytes));
  if (!key && key.error().code() == ErrorCode::kUnsupported) {
    result.note = key.error().message();
    return result;
  }
  if (!key) return Annotate(key.error(), MemberPath(path, "rawBytes"));
  if (key->kind() != details->kind || (details->bits != 0 && key->bits() != details->bits)) {
    return InvalidArgument(path + ": keyDetails say " + Quote(name, 64) + ", the key is " +
                           std::string(ToString(key->kind())) + " of " +
                           std::to_string(key->bits()) + " bits");
  }
  result.key = *std::move(key);
  return result;
}

// The bytes of `logId` or `checkpointKeyId`; "" when it is not there.
Result<std::string> ReadId(const json::Value& log, std::string_view key, std::string_view path) {
  XZGATE_ASSIGN(const json::Value* member, FindObject(log, key, path));
  if (member == nullptr) return std::string();
  const std::string place = MemberPath(path, key);
  XZGATE_RETURN_IF_ERROR(CheckMembers(*member, {"keyId"}, place));
  XZGATE_ASSIGN(std::string id, GetBytes(*member, "keyId", place));
  if (id.size() > kMaxIdBytes) {
    return InvalidArgument(place + ".keyId: want at most " + std::to_string(kMaxIdBytes) +
                           " bytes, found " + std::to_string(id.size()));
  }
  return id;
}

// The host of a base URL, which may come without a scheme; without its port, and an IPv6 address
// without its brackets (as Go's URL.Hostname, which is what logs are named by).
std::string HostOf(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

Result<void> ReadLog(const json::Value& log, std::string_view path, RootList<Log>& list) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(
      log, {"baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator"},
      path));
  XZGATE_ASSIGN(const std::string url, json::GetString(log, "baseUrl", path));
  XZGATE_ASSIGN(const std::string hash, json::GetString(log, "hashAlgorithm", path));
  XZGATE_ASSIGN(std::string run_by, json::GetStringOr(log, "operator", "", path));
  XZGATE_ASSIGN(std::string id, ReadId(log, "logId", path));
  XZGATE_ASSIGN(std::string checkpoint_id, ReadId(log, "checkpointKeyId", path));
  if (id.empty()) id = checkpoint_id;
  if (id.empty()) return InvalidArgument(MemberPath(path, "logId") + ": missing");
  XZGATE_ASSIGN(LogKey key, ReadKey(log, path));
  const std::string origin = HostOf(url);
  if (origin.empty()) {
    return InvalidArgument(MemberPath(path, "baseUrl") + ": no host in " + Quote(url));
  }
  if (hash != "SHA2_256") key.note = "hash of its tree is " + Quote(hash, 64) + ", not SHA2_256";
  if (!key.note.empty()) {
    list.notes.push_back(std::string(path) + " (" + Quote(url) + ") is left out: " + key.note);
    return {};
  }
  list.items.push_back(Log{.origin = origin,
                           .id = std::move(id),
                           .checkpoint_id = std::move(checkpoint_id),
                           .key = *std::move(key.key),
                           .valid = key.valid,
                           .scheme = key.scheme,
                           .run_by = std::move(run_by)});
  return {};
}

}  // namespace

Result<Validity> ReadValidity(const json::Value& range, std::string_view path) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(range, {"start", "end"}, path));
  XZGATE_ASSIGN(const std::string start, json::GetString(range, "start", path));
  XZGATE_ASSIGN(const std::string end, json::GetStringOr(range, "end", "", path));
  const auto first = ParseRfc3339(start);
  if (!first) return Annotate(first.error(), MemberPath(path, "start"));
  Validity valid{.start = *first};
  const json::Value* member = range.Find("end");
  if (member == nullptr || member->is_null()) return valid;
  const auto last = ParseRfc3339(end);
  if (!last) return Annotate(last.error(), MemberPath(path, "end"));
  if (*last < *first) {
    return InvalidArgument(std::string(path) + ": ends at " + Quote(end) +
                           ", before it starts at " + Quote(start));
  }
  valid.end = *last;
  return valid;
}

Result<RootList<Log>> ReadLogs(const json::Value& root, std::string_view key) {
  const std::string path = MemberPath("$", key);
  XZGATE_ASSIGN(const json::Array* array, GetList(root, key, TrustedRoot::kMaxEntries, "$"));
  RootList<Log> list;
  for (std::size_t i = 0; i < array->size(); ++i) {
    XZGATE_RETURN_IF_ERROR(ReadLog((*array)[i], ElementPath(path, i), list));
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (list.items[i].id != list.items[j].id) continue;
      return InvalidArgument(path + ": two logs have the id " +
                             crypto::HexEncode(AsBytes(list.items[i].id)));
    }
  }
  return list;
}

}  // namespace xzgate::signature
