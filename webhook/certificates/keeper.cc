#include "webhook/certificates/keeper.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace xzgate::certificates {
namespace {

SecretData ToData(const kube::Secret& secret) {
  SecretData data;
  for (const auto& [key, value] : secret.data) data.emplace(key, value.Reveal());
  return data;
}

// What somebody changed between two readings; "" for nothing that concerns us.
std::string ChangeOf(const kube::WebhookConfiguration& before,
                     const kube::WebhookConfiguration& now) {
  if (before.webhooks.size() != now.webhooks.size()) return "its list of webhooks changed";
  for (std::size_t i = 0; i < now.webhooks.size(); ++i) {
    const kube::ConfiguredWebhook& old = before.webhooks[i];
    const kube::ConfiguredWebhook& current = now.webhooks[i];
    if (old.failure_policy != current.failure_policy) {
      return "failurePolicy of " + Quote(current.name) + " is " + current.failure_policy +
             ", it was " + old.failure_policy;
    }
    if (old.scope != current.scope) {
      return "rules, selectors or conditions of " + Quote(current.name) + " changed";
    }
  }
  return "";
}

}  // namespace

CertificateKeeper::CertificateKeeper(kube::Cluster& cluster, KeeperOptions options, Uses uses)
    : cluster_(cluster),
      options_(std::move(options)),
      uses_(std::move(uses)),
      watched_(options_.publications.size()) {}

Result<bool> CertificateKeeper::Step(WallTime now, SteadyTime passed, Deadline deadline) {
  const Result<void> read = ReadConfigurations(deadline);
  XZGATE_ASSIGN(Stored stored, ReadSecret(deadline));
  const auto& authorities = stored.material.authorities;
  const bool is_published = read && !authorities.empty() && IsPublished(authorities.front());
  XZGATE_ASSIGN(auto renewed, Renew(stored.material, options_.wish, is_published, now));
  if (renewed) {
    const Result<void> written = Write(stored, std::move(*renewed), deadline);
    if (!written && (written.error().code() == ErrorCode::kConflict ||
                     written.error().code() == ErrorCode::kAlreadyExists)) {
      return true;
    }
    if (!written) return std::unexpected(written.error());
  }
  const Result<void> published = Publish(stored.material, now, passed, deadline);
  Serve(stored.material, now);
  if (!read) return std::unexpected(read.error());
  if (!published && published.error().code() == ErrorCode::kConflict) return true;
  if (!published) return std::unexpected(published.error());
  return false;
}

Result<CertificateKeeper::Stored> CertificateKeeper::ReadSecret(Deadline deadline) {
  auto secret = kube::GetSecret(cluster_, options_.secret, deadline);
  if (!secret && secret.error().code() == ErrorCode::kNotFound) {
    return Stored{{.name = options_.secret, .type = kube::kTypeTls}, {}};
  }
  if (!secret) return std::unexpected(secret.error());
  std::vector<std::string> notes;
  Stored stored{std::move(*secret), {}};
  stored.material = ReadMaterial(ToData(stored.secret), notes);
  if (!notes.empty() && notes != told_damage_) {
    Tell(Told::What::kSecretDamaged, "", Join(notes, "; "));
  }
  told_damage_ = std::move(notes);
  return stored;
}

Result<void> CertificateKeeper::ReadConfigurations(Deadline deadline) {
  Result<void> first_failure;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Publication& publication = options_.publications[i];
    Watched& watched = watched_[i];
    auto found =
        kube::GetWebhookConfiguration(cluster_, *publication.resource, publication.name, deadline);
    const bool is_missing = !found && found.error().code() == ErrorCode::kNotFound;
    watched.is_readable = found || is_missing;
    watched.now.reset();
    if (found) watched.now = std::move(*found);
    if (watched.is_readable) {
      TellChanges(publication, watched);
    } else if (first_failure) {
      first_failure = std::unexpected(found.error());
    }
  }
  return first_failure;
}

void CertificateKeeper::TellChanges(const Publication& publication, Watched& watched) {
  if (!watched.now) {
    if (!watched.was_missing) {
      Tell(Told::What::kConfigurationMissing, publication.name,
           "no such configuration: the API server asks nobody");
    }
    watched.was_missing = true;
    return;
  }
  if (watched.was_missing) Tell(Told::What::kConfigurationBack, publication.name, "it is there");
  watched.was_missing = false;
  if (watched.before) {
    if (std::string change = ChangeOf(*watched.before, *watched.now); !change.empty()) {
      Tell(Told::What::kConfigurationChanged, publication.name, std::move(change));
    }
  }
  watched.before = watched.now;
}

// A configuration that is not there keeps nobody from renewing: it gets its caBundle when it comes.
bool CertificateKeeper::IsPublished(const crypto::Certificate& authority) const {
  return std::ranges::all_of(watched_, [&](const Watched& watched) {
    return watched.is_readable &&
           (!watched.now || std::ranges::all_of(watched.now->webhooks, [&](const auto& webhook) {
             return Holds(webhook.ca_bundle, authority);
           }));
  });
}

Result<void> CertificateKeeper::Write(Stored& stored, Renewed renewed, Deadline deadline) {
  kube::Secret next = {.name = options_.secret,
                       .type = stored.secret.type,
                       .resource_version = stored.secret.resource_version,
                       .metadata = stored.secret.metadata};
  for (const auto& [key, value] : WriteMaterial(renewed.material)) {
    next.data.emplace(key, SecretString(value));
  }
  const bool is_new = next.resource_version.empty();
  auto written = is_new ? kube::CreateSecret(cluster_, next, deadline)
                        : kube::UpdateSecret(cluster_, next, deadline);
  if (!written) return std::unexpected(written.error());
  stored = {std::move(*written), std::move(renewed.material)};
  Tell(Told::What::kRenewed, "", std::move(renewed.reason));
  return {};
}

Result<void> CertificateKeeper::Publish(const Material& material, WallTime now, SteadyTime passed,
                                        Deadline deadline) {
  Result<void> first_failure;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    Watched& watched = watched_[i];
    if (!watched.now || watched.now->webhooks.empty()) continue;
    const std::string& current = watched.now->webhooks.front().ca_bundle;
    const auto next = watched.plan.Next(current, material.authorities, now, passed);
    const std::string& bundle = next ? *next : current;
    const kube::JsonPatch patch = kube::CaBundlePatch(*watched.now, bundle);
    if (patch.empty()) continue;
    const Publication& publication = options_.publications[i];
    const auto patched =
        cluster_.Patch(*publication.resource, {.name = publication.name}, patch, deadline);
    if (!patched) {
      if (first_failure) first_failure = std::unexpected(patched.error());
      continue;
    }
    for (auto& webhook : watched.now->webhooks) webhook.ca_bundle = bundle;
    Tell(Told::What::kPublished, publication.name, "its caBundle is written");
  }
  return first_failure;
}

void CertificateKeeper::Serve(const Material& material, WallTime now) {
  const crypto::Certificate& leaf = material.leaf->certificate;
  if (served_ == leaf) return;
  const auto issuer = std::ranges::find_if(material.authorities, [&](const auto& authority) {
    return crypto::IsIssuedBy(leaf, authority);
  });
  const bool is_trusted = issuer != material.authorities.end() && IsPublished(*issuer);
  const bool is_needed = !served_ || !served_->IsValidAt(now);
  if (!is_trusted && !is_needed) return;
  served_ = leaf;
  uses_.serve(*material.leaf);
}

void CertificateKeeper::Tell(Told::What what, std::string configuration, std::string text) const {
  uses_.tell({what, std::move(configuration), std::move(text)});
}

}  // namespace xzgate::certificates
