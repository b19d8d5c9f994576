#include "base/crypto/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"

namespace xzgate::crypto {
namespace {

// A digest that is wrong equals no known bad one, so that a backdoored file would pass in silence.
// OpenSSL fails here only without memory or without the algorithm (a provider that is not loaded):
// no caller could go on.
void Require(int openssl_result) {
  if (openssl_result == 1) return;
  std::fprintf(stderr, "xzgate: OpenSSL cannot compute a digest: %s\n",
               DrainOpensslErrors().c_str());
  std::abort();
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view ToString(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kSha1:
      return "sha1";
    case Algorithm::kSha256:
      return "sha256";
    case Algorithm::kSha384:
      return "sha384";
    case Algorithm::kSha512:
      return "sha512";
  }
  return "";
}

std::size_t DigestSize(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kSha1:
      return 20;
    case Algorithm::kSha256:
      return 32;
    case Algorithm::kSha384:
      return 48;
    case Algorithm::kSha512:
      return 64;
  }
  return 0;
}

struct Hasher::State {
  Algorithm algorithm;
  MdCtxPtr context;
};

Hasher::Hasher(Algorithm algorithm)
    : state_(std::make_unique<State>(State{algorithm, MdCtxPtr(EVP_MD_CTX_new())})) {
  Require(state_->context != nullptr ? 1 : 0);
  Require(EVP_DigestInit_ex(state_->context.get(), MethodOf(algorithm), nullptr));
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(Bytes bytes) {
  Require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

std::string Hasher::FinishHex() {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out;
  unsigned int size = 0;
  Require(EVP_DigestFinal_ex(state_->context.get(), out.data(), &size));
  Require(EVP_DigestInit_ex(state_->context.get(), MethodOf(state_->algorithm), nullptr));
  return HexEncode(Bytes(out.data(), size));
}

std::string HashHex(Algorithm algorithm, Bytes bytes) {
  Hasher hasher(algorithm);
  hasher.Update(bytes);
  return hasher.FinishHex();
}

std::string HashBytes(Algorithm algorithm, Bytes bytes) {
  return *HexDecode(HashHex(algorithm, bytes));
}

std::string HexEncode(Bytes bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::optional<std::string> HexDecode(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string Base64Encode(Bytes bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > INT32_MAX) return std::nullopt;
  if (text.empty()) return std::string();
  // EVP_DecodeBlock tolerates white space and misplaced padding; the alphabet is checked here.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const bool known = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '+' || c == '/';
    if (!known) return std::nullopt;
  }
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - padding);
  if (padding != 0 && Base64Encode(AsBytes(out)) != text) return std::nullopt;  // unused bits set
  return out;
}

std::optional<std::string> Base64DecodeAnyAlphabet(std::string_view text) {
  const bool is_url_safe = text.find_first_of("-_") != text.npos;
  if (is_url_safe && text.find_first_of("+/") != text.npos) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  return Base64Decode(standard);
}

}  // namespace xzgate::crypto
