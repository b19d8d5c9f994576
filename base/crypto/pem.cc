#include "base/crypto/pem.h"

#include <algorithm>

#include "base/crypto/digest.h"
#include "base/text.h"

namespace xzgate::crypto {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";

std::string_view Wanted(PemWish wish) {
  return wish == PemWish::kPublicKey ? "want a PEM block \"PUBLIC KEY\""
                                     : "want PEM blocks \"CERTIFICATE\"";
}

bool IsWanted(std::string_view label, PemWish wish) {
  if (wish == PemWish::kCertificate) return label == "CERTIFICATE";
  return label == "PUBLIC KEY" || label == "RSA PUBLIC KEY";
}

// How to get the public key of a private one that was given by mistake.
std::string_view PublicKeyRecipe(std::string_view label) {
  if (label.contains("SIGSTORE") || label.contains("COSIGN")) {
    return "`cosign public-key --key FILE` writes its public key";
  }
  if (label.contains("OPENSSH")) return "`ssh-keygen -e -m PKCS8 -f FILE` writes its public key";
  return "`openssl pkey -in FILE -pubout` writes its public key";
}

std::unexpected<Error> WrongBlock(std::string_view label, PemWish wish) {
  const std::string found = "found a block " + Quote(label, 64) + ", ";
  if (label.ends_with("PRIVATE KEY")) {
    return InvalidArgument("found a private key (" + Quote(label, 64) + "), " +
                           std::string(Wanted(wish)) + ": keep it where signatures are made; " +
                           std::string(PublicKeyRecipe(label)));
  }
  if (label == "CERTIFICATE" && wish == PemWish::kPublicKey) {
    return InvalidArgument(
        "found a certificate, want a PEM block \"PUBLIC KEY\": give the certificate where "
        "certificates are configured, or `openssl x509 -in FILE -pubkey -noout`");
  }
  return InvalidArgument(found + std::string(Wanted(wish)));
}

// Takes white space off the front.
void SkipSpace(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
}

// Takes "-----BEGIN LABEL-----" off the front.
Result<std::string_view> TakeLabel(std::string_view& text, PemWish wish) {
  if (!text.starts_with(kBegin)) {
    return InvalidArgument((text.empty() ? "found nothing, " : "found other text, ") +
                           std::string(Wanted(wish)) + " and only white space around it");
  }
  text.remove_prefix(kBegin.size());
  const auto end = text.find_first_of("-\r\n");
  if (end == text.npos || !text.substr(end).starts_with(kDashes)) {
    return InvalidArgument("the first line of a PEM block is damaged");
  }
  const std::string_view label = text.substr(0, end);
  text.remove_prefix(end + kDashes.size());
  return label;
}

// Takes what follows, with its last line, off the front.
Result<std::string> TakeBody(std::string_view& text, std::string_view label) {
  const std::string last = "-----END " + std::string(label) + "-----";
  const auto end = text.find(kDashes);
  if (end == text.npos || !text.substr(end).starts_with(last)) {
    return InvalidArgument("the PEM block " + Quote(label, 64) + " does not end");
  }
  std::string body(text.substr(0, end));
  text.remove_prefix(end + last.size());
  std::erase_if(body, [](char c) { return kSpace.contains(c); });
  auto der = Base64Decode(body);
  if (!der || der->empty()) {
    return InvalidArgument("the PEM block " + Quote(label, 64) + " does not hold padded base64");
  }
  return *std::move(der);
}

// The label of a private key anywhere in the text; empty if there is none.
std::string_view FindPrivateKey(std::string_view text) {
  const auto end = text.find("PRIVATE KEY-----");
  if (end == text.npos) return {};
  const auto begin = text.substr(0, end).rfind(kBegin);
  const auto start = begin == text.npos ? end : begin + kBegin.size();
  return text.substr(start, end + std::string_view("PRIVATE KEY").size() - start);
}

}  // namespace

Result<std::vector<PemBlock>> ReadPem(std::string_view pem, PemWish wish, std::size_t max) {
  if (const auto label = FindPrivateKey(pem); !label.empty()) return WrongBlock(label, wish);
  std::vector<PemBlock> blocks;
  SkipSpace(pem);
  do {
    XZGATE_ASSIGN(const std::string_view label, TakeLabel(pem, wish));
    if (!IsWanted(label, wish)) return WrongBlock(label, wish);
    if (blocks.size() == max) {
      return ResourceExhausted("found more than " + std::to_string(max) +
                               (max == 1 ? " PEM block" : " PEM blocks"));
    }
    XZGATE_ASSIGN(std::string der, TakeBody(pem, label));
    blocks.push_back({std::string(label), std::move(der)});
    SkipSpace(pem);
  } while (!pem.empty());
  return blocks;
}

std::string WritePem(std::string_view label, Bytes der) {
  constexpr std::size_t kLine = 64;  // RFC 7468, section 2
  const std::string text = Base64Encode(der);
  std::string pem = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) pem += text.substr(at, kLine) + "\n";
  return pem + "-----END " + std::string(label) + "-----\n";
}

}  // namespace xzgate::crypto
