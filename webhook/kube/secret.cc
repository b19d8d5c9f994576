#include "webhook/kube/secret.h"

#include <ostream>
#include <utility>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

std::string Where(const ObjectName& name) {
  return "Secret " + Quote(name.name) + " in namespace " + Quote(name.ns);
}

Result<void> ReadData(const json::Value& data, Secret& secret) {
  const json::Object* entries = data.AsObject();
  if (entries == nullptr) return InvalidArgument(Where(secret.name) + ": data: want an object");
  std::size_t total = 0;
  for (const auto& [key, value] : *entries) {
    const std::string* encoded = value.AsString();
    auto decoded = encoded == nullptr ? std::nullopt : crypto::Base64Decode(*encoded);
    if (!decoded) {
      return InvalidArgument(Where(secret.name) + ": data " + Quote(key) + ": want base64");
    }
    total += decoded->size();
    if (total > kMaxSecretData) {
      return ResourceExhausted(Where(secret.name) + ": more than " +
                               std::to_string(kMaxSecretData) + " bytes of data");
    }
    secret.data.insert_or_assign(key, SecretString(std::move(*decoded)));
  }
  return {};
}

}  // namespace

std::string_view Secret::Reveal(std::string_view key) const {
  const auto found = data.find(std::string(key));
  return found == data.end() ? std::string_view() : found->second.Reveal();
}

std::ostream& operator<<(std::ostream& out, const Secret& secret) {
  return out << Where(secret.name) << " (" << secret.data.size() << " entries)";
}

Result<Secret> ToSecret(const json::Value& object) {
  Secret secret{.name = NameOf(object),
                .type = TextOr(object, "type", "Opaque"),
                .resource_version = ResourceVersionOf(object)};
  if (TextOr(object, "kind") != "Secret" || secret.name.name.empty()) {
    return InvalidArgument("want an object of kind \"Secret\", found " +
                           Quote(TextOr(object, "kind"), 64));
  }
  secret.metadata = *object.Find("metadata");
  if (const json::Value* data = object.Find("data"); data != nullptr && !data->is_null()) {
    XZGATE_RETURN_IF_ERROR(ReadData(*data, secret));
  }
  return secret;
}

json::Value ToJson(const Secret& secret) {
  const json::Object* read = secret.metadata.AsObject();
  json::Object metadata = read == nullptr ? json::Object() : *read;
  RemoveMember(metadata, "managedFields");
  SetMember(metadata, "name", std::string_view(secret.name.name));
  SetMember(metadata, "namespace", std::string_view(secret.name.ns));
  RemoveMember(metadata, "resourceVersion");
  if (!secret.resource_version.empty()) {
    SetMember(metadata, "resourceVersion", std::string_view(secret.resource_version));
  }
  json::Object data;
  for (const auto& [key, value] : secret.data) {
    data.emplace_back(key, crypto::Base64Encode(AsBytes(value.Reveal())));
  }
  return json::Object{{"apiVersion", "v1"},
                      {"kind", "Secret"},
                      {"metadata", std::move(metadata)},
                      {"type", std::string_view(secret.type)},
                      {"data", std::move(data)}};
}

Result<Secret> GetSecret(Cluster& cluster, const ObjectName& name, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Get(Secrets(), name, deadline));
  return ToSecret(object);
}

Result<Secret> CreateSecret(Cluster& cluster, const Secret& secret, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Create(Secrets(), ToJson(secret), deadline));
  return ToSecret(object);
}

Result<Secret> UpdateSecret(Cluster& cluster, const Secret& secret, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Update(Secrets(), ToJson(secret), deadline));
  return ToSecret(object);
}

}  // namespace xzgate::kube
