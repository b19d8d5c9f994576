#include "scanner/signature/statement.h"

#include <algorithm>
#include <utility>

#include "base/crypto/digest.h"
#include "base/json/reader.h"
#include "base/text.h"
#include "scanner/oci/document_fields.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

// in-toto/attestation spec/v0.1/README.md and spec/v1/statement.md.
constexpr std::string_view kTypeV01 = "https://in-toto.io/Statement/v0.1";
constexpr std::string_view kTypeV1 = "https://in-toto.io/Statement/v1";

// A predicate is anything: a bill of materials of 16 MiB has some 400,000 values, which cost about
// 80 bytes each. Keys of a predicate may differ only in case (build arguments "http_proxy" and
// "HTTP_PROXY" in a provenance), and only we read it, case and all.
constexpr json::Limits kLimits{
    .max_bytes = kMaxBundleBytes, .max_depth = 64, .max_values = 600'000};

using StringMap = std::vector<std::pair<std::string, std::string>>;

// Members of other types are left out: they match nothing that a policy can want.
Result<StringMap> ReadAnnotations(const json::Value& subject, const std::string& path) {
  StringMap annotations;
  XZGATE_ASSIGN(const json::Value* found, FindObject(subject, "annotations", path));
  if (found == nullptr) return annotations;
  for (const auto& [name, value] : *found->AsObject()) {
    if (const std::string* text = value.AsString()) annotations.emplace_back(name, *text);
  }
  return annotations;
}

Result<Subject> ReadSubject(const json::Value& value, const std::string& path) {
  // A ResourceDescriptor. Members that we do not know are ignored, as the specification has it;
  // those that differ from a known one in case alone would be known to others.
  XZGATE_RETURN_IF_ERROR(oci::CheckKeys(
      value, {"name", "digest", "annotations", "uri", "content", "downloadLocation", "mediaType"},
      path));
  Subject subject;
  XZGATE_ASSIGN(subject.name, json::GetStringOr(value, "name", "", path));
  XZGATE_ASSIGN(subject.digests, oci::GetStringMap(value, "digest", path));
  if (subject.digests.empty()) return InvalidArgument(path + ": no digest");
  if (subject.digests.size() > kMaxDigestsOfSubject) {
    return ResourceExhausted(path + ".digest: want at most " +
                             std::to_string(kMaxDigestsOfSubject) + " digests, found " +
                             std::to_string(subject.digests.size()));
  }
  XZGATE_ASSIGN(subject.annotations, ReadAnnotations(value, path));
  return subject;
}

Result<std::vector<Subject>> ReadSubjects(const json::Value& root) {
  XZGATE_ASSIGN(const json::Array* list, GetList(root, "subject", kMaxSubjects, "$"));
  if (list->empty()) return InvalidArgument("$.subject: want at least one, found none");
  std::vector<Subject> subjects;
  subjects.reserve(list->size());
  for (const json::Value& item : *list) {
    XZGATE_ASSIGN(auto subject, ReadSubject(item, ElementPath("$.subject", subjects.size())));
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

// Moved out of `root`: it may be large.
Result<json::Value> TakePredicate(json::Value& root) {
  json::Object& members = *root.AsObject();
  const auto found = std::ranges::find(members, "predicate", &json::Member::first);
  if (found == members.end() || found->second.is_null()) return json::Value();
  if (found->second.AsObject() == nullptr) {
    return InvalidArgument("$.predicate: want object, found " +
                           std::string(found->second.TypeName()));
  }
  return std::move(found->second);
}

Result<Statement> ReadStatement(json::Value root) {
  XZGATE_RETURN_IF_ERROR(
      oci::CheckKeys(root, {"_type", "subject", "predicateType", "predicate"}, "$"));
  XZGATE_ASSIGN(const std::string type, json::GetString(root, "_type", "$"));
  if (type != kTypeV1 && type != kTypeV01) {
    return InvalidArgument("$._type: want " + Quote(kTypeV1) + " or " + Quote(kTypeV01) +
                           ", found " + Quote(type));
  }
  Statement statement;
  XZGATE_ASSIGN(statement.subjects, ReadSubjects(root));
  XZGATE_ASSIGN(statement.predicate_type, json::GetString(root, "predicateType", "$"));
  if (statement.predicate_type.empty()) return InvalidArgument("$.predicateType: empty");
  XZGATE_ASSIGN(statement.predicate, TakePredicate(root));
  return statement;
}

}  // namespace

const Subject* Statement::FindSubject(const oci::Digest& digest) const {
  const std::string_view algorithm = crypto::ToString(digest.algorithm());
  for (const Subject& subject : subjects) {
    for (const auto& [name, hex] : subject.digests) {
      if (name == algorithm && hex == digest.hex()) return &subject;
    }
  }
  return nullptr;
}

Result<Statement> ParseStatement(std::string_view json) {
  XZGATE_ASSIGN(json::Value root, json::Parse(json, kLimits, "statement"));
  auto statement = ReadStatement(std::move(root));
  if (!statement) return Annotate(statement.error(), "statement");
  return statement;
}

}  // namespace xzgate::signature
