#include "scanner/registry/registry_caller.h"

#include "base/text.h"
#include "scanner/registry/response_error.h"

namespace xzgate::registry {
namespace {

constexpr std::string_view kDockerHub = "docker.io";

std::set<std::string> LowerCased(const std::vector<std::string>& hosts) {
  std::set<std::string> set;
  for (const std::string& host : hosts) set.insert(ToLower(host));
  return set;
}

}  // namespace

std::string_view ToString(HostClass host_class) {
  switch (host_class) {
    case HostClass::kDockerHub:
      return "docker_hub";
    case HostClass::kConfigured:
      return "configured";
    case HostClass::kOther:
      return "other";
  }
  return "other";
}

RegistryCaller::RegistryCaller(http::Transport& transport, const Keychain& keychain,
                               const Clock& clock, RegistryOptions options,
                               RequestObserver* observer)
    : transport_(transport),
      options_(std::move(options)),
      plain_http_hosts_(LowerCased(options_.plain_http_hosts)),
      configured_hosts_(LowerCased(options_.configured_hosts)),
      observer_(observer),
      windows_(clock),
      authorizer_(transport, keychain, clock,
                  [this](const std::string& host, const Result<http::Response>& response) {
                    Note(host, response);
                  }) {}

bool RegistryCaller::IsPlainHttp(const std::string& host) const {
  return options_.plain_http || plain_http_hosts_.contains(host);
}

bool RegistryCaller::IsConfigured(const std::string& host) const {
  return options_.all_configured || configured_hosts_.contains(host) ||
         plain_http_hosts_.contains(host);
}

HostClass RegistryCaller::ClassOf(const std::string& host) const {
  if (host == kDockerHub) return HostClass::kDockerHub;
  return IsConfigured(host) ? HostClass::kConfigured : HostClass::kOther;
}

Result<http::Url> RegistryCaller::UrlOf(const oci::Repository& repository,
                                        std::string_view below) const {
  auto url =
      http::Url::Parse((IsPlainHttp(repository.host) ? "http://" : "https://") +
                       repository.ApiHost() + "/v2/" + repository.path + "/" + std::string(below));
  if (!url) return Annotate(url.error(), "repository " + Quote(repository.ToString()));
  return url;
}

Result<http::Response> RegistryCaller::Send(const Call& call) {
  const oci::Repository& repository = call.repository;
  XZGATE_RETURN_IF_ERROR(windows_.Check(repository.host));
  const AuthTarget target{
      .repository = repository,
      .origin = call.url.origin(),
      .reach = IsConfigured(repository.host) ? http::Reach::kAnywhere : http::Reach::kPublicOnly};
  Authorization authorization = authorizer_.Prepare(target, call.access);
  for (int sends = 1;; ++sends) {
    auto response = SendOnce(call, target, authorization);
    // A challenge counts only from the registry itself, not from where it redirected us.
    if (!response || response->status != 401 || sends == kMaxSends ||
        response->url.origin() != target.origin) {
      return response;
    }
    // The refused answer gives its place with the host back before a token is asked for, perhaps at
    // the same host.
    response->body = std::make_unique<MemorySource>(http::ReadErrorBody(*response));
    auto next = authorizer_.Answer(target, response->headers, authorization, call.access);
    if (!next) return std::unexpected(std::move(next).error());
    if (!*next) return response;
    authorization = std::move(**next);
  }
}

Result<http::Response> RegistryCaller::SendOnce(const Call& call, const AuthTarget& target,
                                                const Authorization& authorization) {
  http::Request request{.method = call.method,
                        .url = call.url,
                        .headers = {{"Accept", std::string(call.accept)}},
                        .reach = target.reach,
                        .deadline = call.access.deadline,
                        .min_bytes_per_second = call.min_bytes_per_second,
                        .urgent = call.access.IsUrgent()};
  if (!authorization.header.empty()) {
    request.headers.Add("Authorization", std::string(authorization.header.Reveal()));
  }
  auto response = transport_.Send(request);
  Note(call.repository.host, response);
  return response;
}

void RegistryCaller::Note(const std::string& host, const Result<http::Response>& response) {
  if (observer_ != nullptr) {
    observer_->OnRequest(ClassOf(host), response ? response->status : 0);
  }
  if (response) windows_.Note(host, *response);
}

std::unexpected<Error> RegistryCaller::ToError(const oci::Repository& repository,
                                               http::Response& response,
                                               std::string_view where) const {
  auto error = RegistryError(response, where);
  if (response.status != 401 && response.status != 403) return error;
  return std::unexpected(
      Error(error.error().code(), error.error().message() + "; " + authorizer_.Hint(repository)));
}

}  // namespace xzgate::registry
