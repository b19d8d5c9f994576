#include "tests/support/signing/test_ct_log.h"

#include "base/crypto/digest.h"

namespace xzgate::testing {
namespace {

// `size` bytes, big-endian.
std::string Number(std::uint64_t value, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = size; i-- > 0; value >>= 8) out[i] = static_cast<char>(value & 0xFF);
  return out;
}

std::string Sized(std::string_view bytes, std::size_t length_bytes) {
  return Number(bytes.size(), length_bytes) + std::string(bytes);
}

std::string Milliseconds(WallTime time) {
  return Number(static_cast<std::uint64_t>(time.time_since_epoch().count()), 8);
}

}  // namespace

std::string TestCtLog::Id() const {
  return crypto::HashBytes(crypto::Algorithm::kSha256, AsBytes(key_.Spki()));
}

std::string TestCtLog::Sct(std::string_view tbs, std::string_view issuer_spki,
                           const SctWish& wish) const {
  std::string message = Number(wish.version, 1) + Number(0, 1);  // certificate_timestamp
  message += Milliseconds(wish.time);
  message += Number(1, 2);  // precert_entry
  message += crypto::HashBytes(crypto::Algorithm::kSha256,
                               AsBytes(wish.issuer_spki.value_or(std::string(issuer_spki))));
  message += Sized(tbs, 3);
  message += Sized(wish.extensions, 2);
  std::string signature = key_.Sign(message);
  if (wish.break_signature) signature.back() = static_cast<char>(signature.back() ^ 1);

  std::string out = Number(wish.version, 1);
  out += wish.log_id.value_or(Id());
  out += Milliseconds(wish.unsigned_time.value_or(wish.time));
  out += Sized(wish.unsigned_extensions.value_or(wish.extensions), 2);
  out += Number(wish.hash_algorithm.value_or(key_.IsEd25519() ? 8 : 4), 1);
  out += Number(wish.signature_algorithm.value_or(key_.IsRsa() ? 1 : key_.IsEd25519() ? 7 : 3), 1);
  return out + Sized(signature, 2) + wish.trailing;
}

SctMaker TestCtLog::Maker(SctWish wish) const {
  return [log = *this, wish = std::move(wish)](std::string_view tbs, std::string_view issuer) {
    return log.Sct(tbs, issuer, wish);
  };
}

std::string SctList(const std::vector<std::string>& scts) {
  std::string list;
  for (const std::string& sct : scts) list += Sized(sct, 2);
  return Sized(list, 2);
}

}  // namespace xzgate::testing
