// What is read of DER is all of it: the elements, written again, are the bytes they came from.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scanner/signature/der.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckElements(std::string_view bytes, int depth) {
  using namespace xzgate::signature::der;
  const auto elements = Read(bytes);
  if (!elements) return;
  std::string again;
  for (const Element& element : *elements) {
    Check(Encode(element.tag, element.content) == element.whole);
    again += element.whole;
    if (depth > 0) CheckElements(element.content, depth - 1);
  }
  Check(again == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kDepth = 8;
  CheckElements({reinterpret_cast<const char*>(data), size}, kDepth);
  return 0;
}
