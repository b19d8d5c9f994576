// A reference that parses prints to a text that parses to the same value, within the limits of the
// grammar.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scanner/oci/reference.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xzgate::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reference = Reference::Parse(text);
  if (!reference) return 0;
  const std::string printed = reference->ToString();
  const auto again = Reference::Parse(printed);
  Require(again.has_value() && *again == *reference && again->ToString() == printed);
  Require(reference->tag() || reference->digest());
  Require(reference->repository().ToString().size() <= Reference::kMaxLength);
  if (reference->digest()) {
    const PinnedReference pinned(reference->repository(), *reference->digest());
    const auto read = PinnedReference::Parse(pinned.ToString());
    Require(read.has_value() && *read == pinned);
  }
  return 0;
}
