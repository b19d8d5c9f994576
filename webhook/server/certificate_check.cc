#include "webhook/server/certificate_check.h"

namespace xzgate::server {

HealthRegistry::Check CheckCertificate(const CertificateSource& certificates) {
  return [&certificates] {
    const CertificateState state = certificates.state();
    if (!state.loaded) {
      return CheckResult{.ok = false,
                         .text = state.last_error.empty() ? "not read yet" : state.last_error};
    }
    CheckResult result{.ok = true, .text = "valid until " + ToRfc3339(state.not_after)};
    if (!state.last_error.empty()) result.text += "; new files refused: " + state.last_error;
    return result;
  };
}

}  // namespace xzgate::server
