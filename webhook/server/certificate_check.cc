#include "webhook/server/certificate_check.h"

namespace xzgate::server {

HealthRegistry::Check CheckCertificate(const CertificateSource& certificates) {
  return [&certificates] {
    const CertificateState state = certificates.state();
    if (!state.loaded) {
      return CheckResult{.ok = false,
                         .text = state.last_error.empty() ? "not read yet" : state.last_error};
    }
    const std::string validity = "valid until " + ToRfc3339(state.not_after);
    if (state.last_error.empty()) return CheckResult{.ok = true, .text = validity};
    return CheckResult{.ok = true,
                       .text = "the old one is in use, " + validity + ": " + state.last_error};
  };
}

}  // namespace xzgate::server
