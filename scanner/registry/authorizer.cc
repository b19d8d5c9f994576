#include "scanner/registry/authorizer.h"

#include <vector>

#include "base/text.h"

namespace xzgate::registry {
namespace {

// A failure on the way to a token says nothing about the image: codes that would make it unreadable
// become kUnauthenticated.
std::unexpected<Error> AuthError(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kInternal:
      return std::unexpected(error);
    default:
      return Unauthenticated(error.message());
  }
}

// Tells what came of each request.
class NotingTransport final : public http::Transport {
 public:
  NotingTransport(http::Transport& inner, const Authorizer::Note& note, const std::string& host)
      : inner_(inner), note_(note), host_(host) {}
  Result<http::Response> Send(const http::Request& request) override {
    auto response = inner_.Send(request);
    note_(host_, response);
    return response;
  }

 private:
  http::Transport& inner_;
  const Authorizer::Note& note_;
  const std::string& host_;
};

std::string PullScope(const oci::Repository& repository) {
  return "repository:" + repository.path + ":pull";
}

Result<std::vector<Challenge>> ReadChallenges(const http::Headers& headers) {
  std::vector<Challenge> all;
  for (const std::string_view header : headers.FindAll("WWW-Authenticate")) {
    XZGATE_ASSIGN(auto challenges, ParseChallenges(header));
    for (Challenge& challenge : challenges) all.push_back(std::move(challenge));
    if (all.size() > kMaxChallenges) {
      return ResourceExhausted("WWW-Authenticate: more than " + std::to_string(kMaxChallenges) +
                               " challenges");
    }
  }
  return all;
}

const Challenge* FindScheme(const std::vector<Challenge>& challenges, std::string_view scheme) {
  for (const Challenge& challenge : challenges) {
    if (challenge.scheme == scheme) return &challenge;
  }
  return nullptr;
}

}  // namespace

Authorization Authorizer::Prepare(const AuthTarget& target, const Access& access) {
  std::optional<Lesson> lesson;
  {
    const std::lock_guard lock(mutex_);
    const auto found = lessons_.find(target.origin.ToString());
    if (found != lessons_.end()) lesson = found->second;
  }
  if (!lesson) return Authorization{};
  if (lesson->server) {
    auto known = FromServer(target, *lesson->server, "", nullptr, access);
    if (known) return std::move(*known);
    // The registry may have moved its token server, or want none by now: it is asked again.
    Forget(target.origin.ToString());
    return Authorization{};
  }
  const Credential* credential = keychain_.Find(target.repository);
  if (credential == nullptr || credential->kind != Credential::Kind::kPassword) {
    return Authorization{};
  }
  return FromBasic(*credential);
}

Result<std::optional<Authorization>> Authorizer::Answer(const AuthTarget& target,
                                                        const http::Headers& headers,
                                                        const Authorization& sent,
                                                        const Access& access) {
  const auto challenges = ReadChallenges(headers);
  if (!challenges) return AuthError(challenges.error());
  if (const Challenge* bearer = FindScheme(*challenges, "bearer")) {
    auto server = ReadTokenServer(*bearer, target.origin, target.reach);
    if (!server) return AuthError(server.error());
    Learn(target.origin.ToString(), Lesson{.server = *server});
    XZGATE_ASSIGN(auto next,
                  FromServer(target, *server, bearer->Find("scope").value_or(""), &sent, access));
    if (next.header.empty()) return std::optional<Authorization>();
    return next;
  }
  if (FindScheme(*challenges, "basic") == nullptr) {
    return Unauthenticated("want a bearer or basic challenge, found none");
  }
  Learn(target.origin.ToString(), Lesson{});
  const Credential* credential = keychain_.Find(target.repository);
  const bool usable = credential != nullptr && credential->kind == Credential::Kind::kPassword;
  if (!usable) return std::optional<Authorization>();
  Authorization next = FromBasic(*credential);
  if (next.header.Reveal() == sent.header.Reveal()) return std::optional<Authorization>();
  return next;
}

// The header is empty when `stale` shows that the question was asked just now.
Result<Authorization> Authorizer::FromServer(const AuthTarget& target, const TokenServer& server,
                                             std::string_view extra_scope,
                                             const Authorization* stale, const Access& access) {
  const Credential* credential = keychain_.Find(target.repository);
  if (credential != nullptr && credential->kind == Credential::Kind::kRegistryToken) {
    SecretString header("Bearer " + std::string(credential->secret.Reveal()));
    if (stale != nullptr && stale->header.Reveal() == header.Reveal()) return Authorization{};
    return Authorization{
        .header = std::move(header), .token_key = {}, .token = {}, .is_fresh = true};
  }
  std::vector<std::string> scopes = {PullScope(target.repository)};
  // Some registries name the actions in their own way; what they ask for is added, never taken
  // instead.
  if (!extra_scope.empty() && extra_scope != scopes[0]) scopes.emplace_back(extra_scope);
  const TokenKey key{.realm = server.realm.ToString(),
                     .service = server.service,
                     .scope = Join(scopes, " "),
                     .identity = credential == nullptr ? "" : credential->identity};
  if (stale != nullptr && stale->token_key == key) {
    if (stale->is_fresh) return Authorization{};
    tokens_.Drop(key, stale->token.Reveal());
  }
  const auto fetch = [this, &target, &server, &scopes, credential, &access] {
    NotingTransport noting(transport_, note_, target.repository.host);
    return RequestToken(noting, server, scopes, credential, access);
  };
  auto token = tokens_.Get(key, access.deadline, fetch);
  if (!token) return AuthError(token.error());
  return Authorization{.header = SecretString("Bearer " + std::string(token->token.Reveal())),
                       .token_key = key,
                       .token = std::move(token->token),
                       .is_fresh = token->is_fresh};
}

Authorization Authorizer::FromBasic(const Credential& credential) {
  return Authorization{
      .header = BasicAuthorization(credential), .token_key = {}, .token = {}, .is_fresh = true};
}

void Authorizer::Learn(const std::string& host, Lesson lesson) {
  const std::lock_guard lock(mutex_);
  if (lessons_.size() >= kMaxHosts && !lessons_.contains(host)) lessons_.clear();
  lessons_.insert_or_assign(host, std::move(lesson));
}

void Authorizer::Forget(const std::string& host) {
  const std::lock_guard lock(mutex_);
  lessons_.erase(host);
}

std::string Authorizer::Hint(const oci::Repository& repository) const {
  if (keychain_.Find(repository) != nullptr) return "the configured credentials do not suffice";
  const std::string helper = keychain_.HelperFor(repository.host);
  if (helper.empty()) return "no credentials are configured for it";
  return "its credential helper " + Quote(helper) + " is not supported yet";
}

}  // namespace xzgate::registry
