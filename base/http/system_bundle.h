#pragma once

#include <string>

#include "base/crypto/openssl_ptr.h"

namespace xzgate::http {

// Makes `store` trust the authorities of the PEM file `path`, which is read (as ReadAuthorities)
// when a chain first asks for one that the store does not hold: parsing the system's 140 costs
// more than a handshake, and a peer with an authority of the operator's own never needs them. A
// file that cannot be read holds none. False when OpenSSL has no memory. The store may then be
// shared by threads.
bool TrustOnDemand(X509_STORE* store, const std::string& path);

}  // namespace xzgate::http
