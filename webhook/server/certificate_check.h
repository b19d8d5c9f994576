#pragma once

#include "webhook/server/certificate_source.h"
#include "webhook/server/health_registry.h"

namespace xzgate::server {

// The check of /readyz for a listener's certificate: fails while there is none, and says until when
// the one in use is valid and why newer files are not in use. `certificates` outlives it.
HealthRegistry::Check CheckCertificate(const CertificateSource& certificates);

}  // namespace xzgate::server
