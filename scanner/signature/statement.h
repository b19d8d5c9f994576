#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/oci/digest.h"

namespace xzgate::signature {

inline constexpr std::size_t kMaxSubjects = 1024;        // sigstore-go pkg/verify/signature.go
inline constexpr std::size_t kMaxDigestsOfSubject = 32;  // the same
inline constexpr std::string_view kInTotoType = "application/vnd.in-toto+json";
// cosign pkg/types/predicate.go: the statement that a `cosign sign` of v3 makes.
inline constexpr std::string_view kCosignSignPredicate = "https://sigstore.dev/cosign/sign/v1";

struct Subject {
  std::string name;
  std::vector<std::pair<std::string, std::string>> digests;  // algorithm, hex
  std::vector<std::pair<std::string, std::string>> annotations;
};

// An in-toto statement v0.1 or v1 (in-toto/attestation spec/v1/statement.md). A value.
struct Statement {
  std::vector<Subject> subjects;
  std::string predicate_type;
  json::Value predicate;  // null when there is none

  // The subject that names this digest, by algorithm and lower-case hex alone; null when none does.
  const Subject* FindSubject(const oci::Digest& digest) const;
};

// Reads the exact bytes that were verified. Errors: kInvalidArgument with the path (unknown _type,
// no subject, a predicateType that is missing or no string, duplicates), kResourceExhausted.
Result<Statement> ParseStatement(std::string_view json);

// The predicate type that cosign's short name stands for ("slsaprovenance1"); the text itself when
// it is an absolute URI. Errors: kInvalidArgument naming the short names.
Result<std::string> PredicateTypeOf(std::string_view name);

}  // namespace xzgate::signature
