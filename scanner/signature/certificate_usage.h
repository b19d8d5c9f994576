#pragma once

#include <string>

#include "base/crypto/certificate.h"
#include "base/result.h"
#include "scanner/signature/certificate_path.h"

namespace xzgate::signature {

// What a certificate may be used for (RFC 5280, sections 4.2.1.3, 4.2.1.9 and 4.2.1.12). The
// extended usage "any" counts nowhere. Pure; thread-safe. Errors: kIntegrity.

// For messages: "certificate "CN=..."", or "the signer's certificate" where it has no subject, as
// Fulcio's have none.
std::string NameOf(const crypto::Certificate& certificate);

// An end certificate: no authority; key usage digitalSignature; extended key usage codeSigning, or
// timeStamping alone and critical (RFC 3161, section 2.3).
Result<void> CheckLeafUsage(const crypto::Certificate& leaf, Usage usage);
// An authority: basic constraints say so; key usage, if present, has keyCertSign; extended key
// usage, if present, has that of `usage`. Path length is the path's business.
Result<void> CheckAuthorityUsage(const crypto::Certificate& authority, Usage usage);

}  // namespace xzgate::signature
