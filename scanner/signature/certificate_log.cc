#include "scanner/signature/certificate_log.h"

#include <openssl/ct.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/text.h"
#include "scanner/signature/der.h"

namespace xzgate::signature {
namespace {

constexpr std::string_view kSctListOid = "1.3.6.1.4.1.11129.2.4.2";
// The same in DER: what such an extension starts with.
constexpr std::string_view kSctListId("\x06\x0A\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x02", 12);
constexpr std::uint8_t kExtensions = der::Context(3);  // RFC 5280, section 4.1: the last of a TBS
constexpr std::size_t kLogIdBytes = 32;

// RFC 5246, section 7.4.1.4.1. RFC 6962, section 2.1.4, knows no others.
constexpr std::uint8_t kTlsSha256 = 4;
constexpr std::uint8_t kTlsRsa = 1;
constexpr std::uint8_t kTlsEcdsa = 3;

// Reads big-endian numbers and length-prefixed bytes off the front of a text.
class TlsReader {
 public:
  explicit TlsReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  Result<std::string_view> Take(std::size_t size, std::string_view what) {
    if (rest_.size() < size) {
      return InvalidArgument("certificate timestamps: " + std::string(what) + ": want " +
                             std::to_string(size) + " bytes, found " +
                             std::to_string(rest_.size()));
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

  Result<std::uint64_t> Number(std::size_t size, std::string_view what) {
    XZGATE_ASSIGN(const std::string_view bytes, Take(size, what));
    std::uint64_t out = 0;
    for (const char c : bytes) out = out << 8 | static_cast<std::uint8_t>(c);
    return out;
  }

  // Bytes with their length in two bytes before them.
  Result<std::string_view> Sized(std::string_view what) {
    XZGATE_ASSIGN(const std::uint64_t size, Number(2, what));
    return Take(static_cast<std::size_t>(size), what);
  }

 private:
  std::string_view rest_;
};

Result<void> WantEnd(const TlsReader& reader, std::string_view what) {
  if (reader.empty()) return {};
  return InvalidArgument("certificate timestamps: bytes after " + std::string(what));
}

Result<Sct> ParseSct(std::string_view bytes) {
  TlsReader reader(bytes);
  XZGATE_ASSIGN(const std::uint64_t version, reader.Number(1, "version"));
  if (version != 0) {
    return InvalidArgument("certificate timestamp: version: want 0, found " +
                           std::to_string(version));
  }
  Sct sct;
  XZGATE_ASSIGN(sct.log_id, reader.Take(kLogIdBytes, "log id"));
  XZGATE_ASSIGN(const std::uint64_t time, reader.Number(8, "time"));
  if (time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return InvalidArgument("certificate timestamp: time " + std::to_string(time) +
                           ": want milliseconds since 1970");
  }
  sct.time = WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(time)));
  XZGATE_ASSIGN(sct.extensions, reader.Sized("extensions"));
  XZGATE_ASSIGN(const std::uint64_t hash, reader.Number(1, "hash algorithm"));
  XZGATE_ASSIGN(const std::uint64_t algorithm, reader.Number(1, "signature algorithm"));
  sct.hash_algorithm = static_cast<std::uint8_t>(hash);
  sct.signature_algorithm = static_cast<std::uint8_t>(algorithm);
  XZGATE_ASSIGN(sct.signature, reader.Sized("signature"));
  XZGATE_RETURN_IF_ERROR(WantEnd(reader, "a certificate timestamp"));
  return sct;
}

void AppendNumber(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t shift = size * 8; shift > 0; shift -= 8)
    out += static_cast<char>(value >> (shift - 8) & 0xFF);
}

// The leaf's TBSCertificate as the log saw it: without the list of SCTs (RFC 6962, section 3.2).
// Cut out of its bytes: OpenSSL would copy the certificate and read its key once more.
Result<std::string> PrecertificateTbs(const crypto::Certificate& leaf) {
  const auto damaged = [] {
    return InvalidArgument("certificate: want DER to take its timestamps out of");
  };
  const auto certificate = der::ReadInside(leaf.der(), der::kSequence);
  if (!certificate || certificate->empty()) return damaged();
  auto tbs = der::ReadInside(certificate->front().whole, der::kSequence);
  if (!tbs || tbs->empty() || tbs->back().tag != kExtensions) return damaged();
  auto extensions = der::ReadInside(tbs->back().content, der::kSequence);
  if (!extensions) return damaged();
  std::erase_if(*extensions, [](const der::Element& extension) {
    return extension.content.starts_with(kSctListId);
  });
  const std::string rest = der::Encode(kExtensions, der::Encode(der::kSequence, *extensions));
  tbs->back().whole = rest;
  return der::Encode(der::kSequence, *tbs);
}

// digitally-signed of RFC 6962, section 3.2, for a precertificate.
std::string SignedBytes(const Sct& sct, std::string_view tbs, std::string_view issuer_key_digest) {
  std::string out;
  AppendNumber(out, 0, 1);  // version 1
  AppendNumber(out, 0, 1);  // certificate_timestamp
  AppendNumber(out, static_cast<std::uint64_t>(sct.time.time_since_epoch().count()), 8);
  AppendNumber(out, 1, 2);  // precert_entry
  out += issuer_key_digest;
  AppendNumber(out, tbs.size(), 3);
  out += tbs;
  AppendNumber(out, sct.extensions.size(), 2);
  out += sct.extensions;
  return out;
}

// What the SCT says about its algorithm must be what the log's key asks for.
bool FitsKey(const Sct& sct, const crypto::PublicKey& key) {
  if (sct.hash_algorithm != kTlsSha256) return false;
  switch (key.kind()) {
    case crypto::KeyKind::kRsa:
      return sct.signature_algorithm == kTlsRsa;
    case crypto::KeyKind::kEcdsaP256:
    case crypto::KeyKind::kEcdsaP384:
    case crypto::KeyKind::kEcdsaP521:
      return sct.signature_algorithm == kTlsEcdsa;
    case crypto::KeyKind::kEd25519:
      return false;
  }
  return false;
}

Result<void> CheckSct(const Sct& sct, const Log& log, std::string_view message) {
  const std::string where = "certificate timestamp of log " + Quote(log.origin);
  if (!FitsKey(sct, log.key)) {
    return Integrity(where + ": algorithm " + std::to_string(sct.hash_algorithm) + "/" +
                     std::to_string(sct.signature_algorithm) + " does not go with its key");
  }
  const auto verified = log.key.Verify(AsBytes(message), AsBytes(sct.signature),
                                       {.hash = crypto::Algorithm::kSha256});
  if (!verified) return Integrity(where + ": " + verified.error().message());
  return {};
}

}  // namespace

Result<std::vector<Sct>> ParseScts(std::string_view list) {
  TlsReader outer(list);
  XZGATE_ASSIGN(const std::string_view items, outer.Sized("list"));
  XZGATE_RETURN_IF_ERROR(WantEnd(outer, "the list"));
  if (items.empty()) return InvalidArgument("certificate timestamps: the list is empty");
  std::vector<Sct> scts;
  TlsReader reader(items);
  while (!reader.empty()) {
    if (scts.size() == kMaxScts) {
      return ResourceExhausted("certificate timestamps: more than " + std::to_string(kMaxScts));
    }
    XZGATE_ASSIGN(const std::string_view item, reader.Sized("list item"));
    XZGATE_ASSIGN(Sct sct, ParseSct(item));
    scts.push_back(std::move(sct));
  }
  return scts;
}

Result<std::vector<Sct>> EmbeddedScts(const crypto::Certificate& leaf) {
  XZGATE_ASSIGN(const std::optional<std::string> extension, leaf.Extension(kSctListOid));
  if (!extension) return std::vector<Sct>();
  const auto* at = reinterpret_cast<const unsigned char*>(extension->data());
  const auto* const end = at + extension->size();
  const crypto::Asn1OctetStringPtr list(
      d2i_ASN1_OCTET_STRING(nullptr, &at, static_cast<long>(extension->size())));
  if (!list || at != end) {
    (void)crypto::DrainOpensslErrors();
    return InvalidArgument("certificate timestamps: want one OCTET STRING in the extension");
  }
  return ParseScts(crypto::TextOf(list.get()));
}

Result<std::size_t> CountSctLogs(const std::vector<Sct>& scts, const crypto::Certificate& leaf,
                                 const crypto::Certificate& issuer, const TrustedRoot& root) {
  XZGATE_ASSIGN(const std::string tbs, PrecertificateTbs(leaf));
  const std::string issuer_key_digest = issuer.key().Fingerprint();
  std::set<std::string_view> vouching;  // who runs it, else its key: listed under two ids it is one
  for (const Sct& sct : scts) {
    const auto log = std::ranges::find(root.ctlogs(), sct.log_id, &Log::id);
    if (log == root.ctlogs().end() || !log->valid.Covers(sct.time)) continue;
    XZGATE_RETURN_IF_ERROR(CheckSct(sct, *log, SignedBytes(sct, tbs, issuer_key_digest)));
    vouching.insert(log->run_by.empty() ? log->key.der() : log->run_by);
  }
  return vouching.size();
}

}  // namespace xzgate::signature
