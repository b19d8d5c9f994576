// A statement that parses holds its limits; a subject is found by a digest exactly when it has it,
// and never by one in upper case. The same bytes go through the reader of predicate types.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scanner/signature/statement.h"

namespace {

using namespace xzgate;
using namespace xzgate::signature;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckSubject(const Statement& statement, const Subject& subject) {
  Require(!subject.digests.empty() && subject.digests.size() <= kMaxDigestsOfSubject);
  for (const auto& [algorithm, hex] : subject.digests) {
    const auto digest = oci::Digest::Parse(algorithm + ":" + hex);
    if (!digest) continue;
    const Subject* found = statement.FindSubject(*digest);
    Require(found != nullptr && std::ranges::count(found->digests, std::pair(algorithm, hex)) == 1);
  }
}

// Whatever the statement says, this digest is not in it unless its hex is.
void CheckStranger(const Statement& statement, std::string_view text) {
  const oci::Digest digest = oci::Digest::Of(AsBytes(text));
  if (statement.FindSubject(digest) != nullptr) Require(text.find(digest.hex()) != text.npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto type = PredicateTypeOf(text)) {
    const auto again = PredicateTypeOf(*type);
    Require(again && *again == *type);
  }
  const auto statement = ParseStatement(text);
  if (!statement) return 0;
  Require(!statement->subjects.empty() && statement->subjects.size() <= kMaxSubjects);
  Require(!statement->predicate_type.empty());
  Require(statement->predicate.is_null() || statement->predicate.AsObject() != nullptr);
  for (const Subject& subject : statement->subjects) CheckSubject(*statement, subject);
  CheckStranger(*statement, text);
  Require(!ParseStatement(text + "0").has_value());
  return 0;
}
