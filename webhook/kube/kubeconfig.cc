#include "webhook/kube/kubeconfig.h"

#include <filesystem>
#include <utility>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "base/http/authority_file.h"
#include "base/text.h"
#include "base/yaml/document.h"
#include "webhook/kube/resource.h"

namespace xzgate::kube {
namespace {

constexpr yaml::Limits kLimits{
    .max_bytes = kMaxKubeconfigBytes, .max_nodes = 20'000, .max_depth = 16};
constexpr std::size_t kMaxPemFileBytes = http::kMaxClientCertificateBytes;

// What we refuse to do in a part of the file, and why.
struct Refused {
  std::string_view key;
  std::string_view advice;
};
constexpr Refused kRefusedOfUser[] = {
    {"exec",
     "programs are not run; use `token`, `tokenFile` or a client certificate, such as of `kubectl "
     "create token`"},
    {"auth-provider",
     "plug-ins are not run; use `token`, `tokenFile` or a client certificate, such as of `kubectl "
     "create token`"},
    {"username", "Kubernetes has no passwords since 1.19; use `token` or a client certificate"},
    {"password", "Kubernetes has no passwords since 1.19; use `token` or a client certificate"},
    {"as", "nobody is impersonated; use an account of its own"},
    {"as-uid", "nobody is impersonated; use an account of its own"},
    {"as-groups", "nobody is impersonated; use an account of its own"},
    {"as-user-extra", "nobody is impersonated; use an account of its own"},
};

// Whether a node says nothing: kubectl writes `""`, `[]`, `{}`, `false` and `null` for that.
bool IsNothing(const yaml::Node& node) {
  if (node.IsNull()) return true;
  if (node.IsScalar()) return node.scalar().empty() || (node.IsPlain() && node.scalar() == "false");
  return node.items().empty() && node.members().empty();
}

// The text of a member, "" when it is missing or says nothing.
Result<std::string> Text(const yaml::Node& node, std::string_view key) {
  const yaml::Node* found = node.Find(key);
  if (found == nullptr || found->IsNull()) return std::string();
  if (!found->IsScalar()) return InvalidArgument(found->Where() + ": want text");
  return found->scalar();
}

// The mapping `inner` of the entry of this name in the list `list`.
Result<const yaml::Node*> FindNamed(const yaml::Node& root, std::string_view list,
                                    std::string_view inner, std::string_view name) {
  const yaml::Node* entries = root.Find(list);
  if (entries != nullptr) {
    for (const yaml::Node& entry : entries->items()) {
      XZGATE_ASSIGN(const std::string found, Text(entry, "name"));
      if (found != name) continue;
      const yaml::Node* body = entry.Find(inner);
      if (body != nullptr && body->IsMapping()) return body;
      return InvalidArgument(entry.Where() + ": want a mapping " + Quote(inner));
    }
  }
  return NotFound(root.Where() + ": no " + Quote(inner) + " with name " + Quote(name));
}

// Reads one cluster and one user of a kubeconfig into an Access.
class Reader {
 public:
  explicit Reader(std::string folder) : folder_(std::move(folder)) {}

  Result<Access> ReadCluster(const yaml::Node& cluster) const {
    const yaml::Node* insecure = cluster.Find("insecure-skip-tls-verify");
    if (insecure != nullptr && !IsNothing(*insecure)) {
      return Unsupported(insecure->Where() +
                         ": the API server is always verified; use `certificate-authority`, and "
                         "`tls-server-name` where its certificate has another name");
    }
    XZGATE_ASSIGN(const std::string server, Text(cluster, "server"));
    auto url = http::Url::Parse(server);
    if (!url) return Annotate(url.error(), cluster.Where() + ".server");
    if (url->origin().scheme != "https" || url->target().find('?') != std::string::npos) {
      return Unsupported(cluster.Where() + ".server: want an https URL without a query");
    }
    Access access{.server = std::move(*url)};
    XZGATE_ASSIGN(access.tls_server_name, Text(cluster, "tls-server-name"));
    if (!access.tls_server_name.empty() && !IsObjectName(ToLower(access.tls_server_name))) {
      return InvalidArgument(cluster.Where() + ".tls-server-name: want a DNS name");
    }
    XZGATE_RETURN_IF_ERROR(ReadProxy(cluster, access));
    XZGATE_RETURN_IF_ERROR(ReadAuthority(cluster, access));
    return access;
  }

  Result<void> ReadUser(const yaml::Node& user, Access& access) const {
    for (const auto& [key, advice] : kRefusedOfUser) {
      const yaml::Node* found = user.Find(key);
      if (found != nullptr && !IsNothing(*found)) {
        return Unsupported(found->WhereKey() + ": " + std::string(advice));
      }
    }
    XZGATE_ASSIGN(std::string token, Text(user, "token"));
    access.token = SecretString(std::move(token));
    XZGATE_ASSIGN(const std::string token_file, Text(user, "tokenFile"));
    if (!token_file.empty()) access.token_file = PathOf(token_file);
    XZGATE_ASSIGN(const auto certificate, ReadPem(user, "client-certificate"));
    XZGATE_ASSIGN(const auto key, ReadPem(user, "client-key"));
    if (certificate.empty() && key.empty()) return {};
    if (certificate.empty() || key.empty()) {
      return InvalidArgument(user.Where() + ": want a client certificate and its key together");
    }
    auto made = http::ClientCertificate::FromPem(certificate.Reveal(), key.Reveal());
    if (!made) return Annotate(made.error(), user.Where());
    access.client_certificate = std::move(*made);
    return {};
  }

 private:
  std::string PathOf(const std::string& path) const {
    return (std::filesystem::path(folder_) / path).string();
  }

  static Result<void> ReadProxy(const yaml::Node& cluster, Access& access) {
    XZGATE_ASSIGN(access.proxy_url, Text(cluster, "proxy-url"));
    const bool is_http =
        access.proxy_url.starts_with("http://") || access.proxy_url.starts_with("https://");
    if (access.proxy_url.empty() || is_http) return {};
    return Unsupported(cluster.Where() + ".proxy-url: want an http or https URL");
  }

  Result<void> ReadAuthority(const yaml::Node& cluster, Access& access) const {
    XZGATE_ASSIGN(const std::string data, Text(cluster, "certificate-authority-data"));
    XZGATE_ASSIGN(const std::string file, Text(cluster, "certificate-authority"));
    if (!data.empty()) {
      XZGATE_ASSIGN(const SecretString pem, ReadPem(cluster, "certificate-authority"));
      access.ca_pem = pem.Reveal();
      auto read = http::ParseAuthorities(access.ca_pem, "certificate-authority-data");
      if (!read) return Annotate(read.error(), cluster.Where());
    } else if (!file.empty()) {
      access.ca_file = PathOf(file);
      auto read = http::ReadAuthorities(access.ca_file);
      if (!read) return Annotate(read.error(), cluster.Where() + ".certificate-authority");
    }
    return {};
  }

  // The text of `KEY-data`, else of the file KEY; empty when there is neither. As kubectl has it,
  // data win.
  Result<SecretString> ReadPem(const yaml::Node& node, const std::string& key) const {
    XZGATE_ASSIGN(std::string encoded, Text(node, key + "-data"));
    if (!encoded.empty()) {
      const SecretString owner(std::move(encoded));
      auto decoded = crypto::Base64Decode(owner.Reveal());
      if (!decoded || decoded->empty()) {
        return InvalidArgument(node.Where() + "." + key + "-data: want base64");
      }
      return SecretString(std::move(*decoded));
    }
    XZGATE_ASSIGN(const std::string file, Text(node, key));
    if (file.empty()) return SecretString();
    auto text = ReadFile(PathOf(file), kMaxPemFileBytes);
    if (!text) return Annotate(text.error(), node.Where() + "." + key);
    return SecretString(std::move(*text));
  }

  const std::string folder_;
};

Result<Access> ReadContext(const yaml::Node& root, const std::string& folder,
                           const std::string& name) {
  XZGATE_ASSIGN(const yaml::Node* context, FindNamed(root, "contexts", "context", name));
  XZGATE_ASSIGN(const std::string cluster_name, Text(*context, "cluster"));
  XZGATE_ASSIGN(const yaml::Node* cluster, FindNamed(root, "clusters", "cluster", cluster_name));
  const Reader reader(folder);
  XZGATE_ASSIGN(Access access, reader.ReadCluster(*cluster));
  XZGATE_ASSIGN(access.ns, Text(*context, "namespace"));
  if (!access.ns.empty() && !IsNamespaceName(access.ns)) {
    return InvalidArgument(context->Where() + ".namespace: " + Quote(access.ns) +
                           " is no name of a namespace");
  }
  XZGATE_ASSIGN(const std::string user_name, Text(*context, "user"));
  if (user_name.empty()) return access;
  XZGATE_ASSIGN(const yaml::Node* user, FindNamed(root, "users", "user", user_name));
  XZGATE_RETURN_IF_ERROR(reader.ReadUser(*user, access));
  return access;
}

}  // namespace

Result<Access> ParseKubeconfig(std::string_view text, const std::string& file,
                               const std::string& folder, std::string_view context) {
  yaml::Problems problems;
  const auto documents = yaml::ReadDocuments(text, file, kLimits, problems);
  if (!problems.empty()) return std::unexpected(problems.ToError());
  if (documents.size() != 1 || !documents.front().IsMapping()) {
    return InvalidArgument("kubeconfig " + Quote(file) + ": want one document, a mapping");
  }
  const yaml::Node& root = documents.front();
  XZGATE_ASSIGN(const std::string kind, Text(root, "kind"));
  if (!kind.empty() && kind != "Config") {
    return InvalidArgument("kubeconfig " + Quote(file) + ": want kind \"Config\", found " +
                           Quote(kind));
  }
  std::string name(context);
  if (name.empty()) {
    XZGATE_ASSIGN(name, Text(root, "current-context"));
  }
  if (name.empty()) {
    return NotFound("kubeconfig " + Quote(file) + ": no `current-context`; name a context");
  }
  return ReadContext(root, folder, name);
}

Result<Access> ReadKubeconfig(const std::string& path, std::string_view context) {
  auto text = ReadFile(path, kMaxKubeconfigBytes);
  if (!text) return Annotate(text.error(), "kubeconfig");
  const SecretString owner(std::move(*text));  // it may hold a token
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return ParseKubeconfig(owner.Reveal(), path, folder, context);
}

}  // namespace xzgate::kube
