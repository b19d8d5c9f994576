// An envelope that parses is the same again when it is written in its plainest form, and as the
// layer of an .att manifest. What a signature covers tells type and payload apart: it can be read
// back.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/crypto/digest.h"
#include "base/json/value.h"
#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/simple_signing.h"

namespace {

using namespace xzgate;
using namespace xzgate::signature;

void Require(bool holds) {
  if (!holds) std::abort();
}

// "11 hello world": the text that its length tells, and what follows it.
std::pair<std::string_view, std::string_view> TakeCounted(std::string_view text) {
  const std::size_t space = text.find(' ');
  Require(space != text.npos);
  const auto size = ParseUint(text.substr(0, space));
  text.remove_prefix(space + 1);
  Require(size && *size <= text.size());
  return {text.substr(0, *size), text.substr(*size)};
}

void CheckEncoding(std::string_view type, std::string_view payload) {
  const std::string encoded = PreAuthEncoding(type, payload);
  std::string_view rest = encoded;
  Require(rest.starts_with("DSSEv1 "));
  rest.remove_prefix(7);
  const auto [type_again, after_type] = TakeCounted(rest);
  Require(type_again == type && after_type.starts_with(' '));
  const auto [payload_again, after_payload] = TakeCounted(after_type.substr(1));
  Require(payload_again == payload && after_payload.empty());
}

bool IsSame(const Envelope& a, const Envelope& b) {
  return a.payload_type == b.payload_type && a.payload == b.payload && a.signature == b.signature &&
         a.key_id == b.key_id;
}

std::string Encode(const Envelope& envelope) {
  return json::Encode(json::Object{
      {"payloadType", envelope.payload_type},
      {"payload", crypto::Base64Encode(AsBytes(envelope.payload))},
      {"signatures",
       json::Array{json::Object{{"keyid", envelope.key_id},
                                {"sig", crypto::Base64Encode(AsBytes(envelope.signature))}}}}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = size == 0 ? 0 : data[0] % (size + 1);
  CheckEncoding(std::string_view(text).substr(0, split), std::string_view(text).substr(split));

  const auto envelope = ParseEnvelope(text);
  if (!envelope) return 0;
  Require(!envelope->payload.empty() && !envelope->signature.empty());
  const auto again = ParseEnvelope(Encode(*envelope));
  Require(again && IsSame(*again, *envelope));
  Require(!ParseEnvelope(text + "0").has_value());

  const oci::Descriptor layer{.media_type = std::string(kDsseLayerType),
                              .digest = oci::Digest::Of(AsBytes(text)),
                              .size = text.size()};
  const auto material = ReadLegacyLayer(layer, text);
  Require(material && material->timestamped() == text);
  Require(IsSame(std::get<Envelope>(material->content), *envelope));
  return 0;
}
