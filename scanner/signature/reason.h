#pragma once

#include <cstdint>
#include <string_view>

namespace xzgate::signature {

// Why an image or one candidate is not vouched for: docs/reasons.md, docs/signatures.md. The codes
// never change their meaning.
enum class Reason : std::uint8_t {
  kNone,           // "": verified, or nothing is required
  kUnsigned,       // SG001 nothing was found that claims to sign it
  kMalformed,      // SG002 not readable: syntax, format, encoding, a limit of ours
  kSignature,      // SG003 the signature is not this key's over these bytes, or another key's
  kClaims,         // SG004 signed is another digest, type or annotation
  kIdentity,       // SG005 the certificate speaks for somebody else
  kCertificate,    // SG006 path, usage or validity of the certificate
  kSct,            // SG007 no certificate log that is trusted vouches for the certificate
  kLog,            // SG008 no log entry, or one that is wrong
  kTimestamp,      // SG009 no trusted time, or a timestamp that is wrong
  kTrustRoot,      // SG010 the trust root is missing, expired, or has no such authority
  kThreshold,      // SG011 some of the authorities vouch, not enough of them
  kAttestation,    // SG012 no attestation of the type that the policy wants
  kCondition,      // SG013 an attestation verifies, but not what the policy wants of it
  kRegistry,       // SG014 the registry could not be asked
  kTooMany,        // SG015 more than is tried or read, and what was is not enough
  kUnsupported,    // SG016 an algorithm or kind of key that this build cannot verify
  kNoRequirement,  // SG017 nothing covers the image and the policy's default is "require"
  kPending,        // SG018 not verified yet
};
std::string_view Code(Reason reason);      // "SG001", "" for kNone
std::string_view ToString(Reason reason);  // closed word for metrics: "unsigned", "identity"

}  // namespace xzgate::signature
