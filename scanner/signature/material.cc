#include "scanner/signature/material.h"

namespace xzgate::signature {

std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload) {
  // Lengths are decimal and count bytes: they are what makes the encoding of two texts unique.
  const std::string type_size = std::to_string(payload_type.size());
  const std::string payload_size = std::to_string(payload.size());
  std::string out;
  out.reserve(16 + type_size.size() + payload_type.size() + payload_size.size() + payload.size());
  out.append("DSSEv1 ").append(type_size).append(" ").append(payload_type);
  out.append(" ").append(payload_size).append(" ").append(payload);
  return out;
}

std::string_view ToString(Format format) {
  switch (format) {
    case Format::kSimpleSigning:
      return "simple signing";
    case Format::kLegacyAttestation:
      return "legacy attestation";
    case Format::kBundleV01:
      return "bundle v0.1";
    case Format::kBundleV02:
      return "bundle v0.2";
    case Format::kBundleV03:
      return "bundle v0.3";
  }
  return "";
}

const std::string& Material::signature() const {
  if (const auto* envelope = std::get_if<Envelope>(&content)) return envelope->signature;
  return std::get<MessageSignature>(content).signature;
}

const std::string& Material::timestamped() const {
  return envelope_text.empty() ? signature() : envelope_text;
}

}  // namespace xzgate::signature
