#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/http/client_certificate.h"
#include "base/http/curl_transport.h"
#include "base/http/proxy_settings.h"
#include "base/http/url.h"
#include "base/result.h"
#include "base/secret_string.h"
#include "webhook/kube/token_source.h"

namespace xzgate::kube {

// Where a pod finds its service account
// (kubernetes.io/docs/tasks/run-application/access-api-from-pod).
inline constexpr char kServiceAccountFolder[] = "/var/run/secrets/kubernetes.io/serviceaccount";

// Where an API server is, whom to trust there, and who we are. A value that cannot be copied.
struct Access {
  http::Url server;          // https; a path is put before all others
  std::string ns = {};       // namespace of the account or of the context, "" when unknown
  std::string ca_file = {};  // trusted instead of the system's; read anew when it is replaced
  std::string ca_pem = {};   // the same as text; with neither, the system's are trusted
  std::string tls_server_name = {};
  std::optional<http::ClientCertificate> client_certificate = {};
  std::string token_file = {};  // before `token`
  SecretString token = {};
  std::string proxy_url = {};  // may hold a password
  bool in_cluster = false;
};

// The variables KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which the program's top reads.
struct ServiceVariables {
  std::string host;
  std::string port;
};

// The access of the pod we run in. Errors: kUnsupported outside a cluster, with what to configure
// instead; kInvalidArgument for variables or a CA that cannot be; as ReadFile for what is missing.
Result<Access> InClusterAccess(const ServiceVariables& variables,
                               const std::string& folder = kServiceAccountFolder);

// How to connect: one fixed destination, no proxy inside a cluster, outside the kubeconfig's own or
// else the environment's.
http::CurlOptions MakeCurlOptions(const Access& access, const http::ProxySettings& environment);

// Takes the token out of `access`; null when it has none. Errors as TokenSource's.
Result<std::unique_ptr<TokenSource>> MakeTokenSource(Access& access, const Clock& clock);

}  // namespace xzgate::kube
