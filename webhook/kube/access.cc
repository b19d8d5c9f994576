#include "webhook/kube/access.h"

#include <utility>

#include "base/byte_source.h"
#include "base/http/authority_file.h"
#include "base/text.h"
#include "webhook/kube/resource.h"

namespace xzgate::kube {

Result<Access> InClusterAccess(const ServiceVariables& variables, const std::string& folder) {
  if (variables.host.empty() || variables.port.empty()) {
    return Unsupported(
        "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; want "
        "`kubernetes.kubeconfig` to name a file");
  }
  const bool is_v6 = variables.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + variables.host + "]" : variables.host;
  auto server = http::Url::Parse("https://" + host + ":" + variables.port);
  if (!server || server->target() != "/") {
    return InvalidArgument("KUBERNETES_SERVICE_HOST " + Quote(variables.host) +
                           " and KUBERNETES_SERVICE_PORT " + Quote(variables.port) +
                           ": want a host and a port");
  }
  Access access{.server = std::move(*server),
                .ca_file = folder + "/ca.crt",
                .token_file = folder + "/token",
                .in_cluster = true};
  // Read again when it is needed; what is wrong with it is better said at the start.
  XZGATE_RETURN_IF_ERROR(http::ReadAuthorities(access.ca_file));
  XZGATE_ASSIGN(const std::string ns, ReadFile(folder + "/namespace", kMaxNameBytes + 2));
  access.ns = Trim(ns.substr(0, ns.find('\n')));
  if (!IsNamespaceName(access.ns)) {
    return InvalidArgument("file " + Quote(folder + "/namespace") + ": " + Quote(access.ns) +
                           " is no name of a namespace");
  }
  return access;
}

http::CurlOptions MakeCurlOptions(const Access& access, const http::ProxySettings& environment) {
  http::CurlOptions options;
  options.client_certificate = access.client_certificate;
  options.tls_server_name = access.tls_server_name;
  options.ca_pem = access.ca_pem;
  if (!access.ca_file.empty() || !access.ca_pem.empty()) {
    options.system_authorities = http::SystemAuthorities{.file = access.ca_file};
  }
  if (!access.proxy_url.empty()) {
    options.proxy.https_proxy = access.proxy_url;
  } else if (!access.in_cluster) {
    options.proxy = environment;
  }
  return options;
}

Result<std::unique_ptr<TokenSource>> MakeTokenSource(Access& access, const Clock& clock) {
  if (!access.token_file.empty()) return TokenSource::FromFile(access.token_file, clock);
  if (!access.token.empty()) return TokenSource::Fixed(std::move(access.token));
  return nullptr;
}

}  // namespace xzgate::kube
