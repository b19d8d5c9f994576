// Any bytes as stored facts, in their container and (for the fields below the checksum) put into
// one: refused, or read to facts that are written and read to the same again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "scanner/facts/layer_facts.h"
#include "scanner/facts/packed_facts.h"

namespace {

using namespace xzgate;
using namespace xzgate::facts;

void Check(std::string_view bytes) {
  const auto facts = DecodeFacts(bytes);
  if (!facts) return;
  const std::string encoded = EncodeFacts(*facts);
  const auto again = DecodeFacts(encoded);
  if (!again || EncodeFacts(*again) != encoded) std::abort();
  if (!(again->elf_files == facts->elf_files) || !(again->databases == facts->databases))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText({data, size});
  Check(text);
  Check(PackFacts(text));
  return 0;
}
