#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "webhook/certificates/bundle.h"
#include "webhook/certificates/material.h"
#include "webhook/certificates/renewal.h"
#include "webhook/kube/cluster.h"
#include "webhook/kube/secret.h"
#include "webhook/kube/webhook_configuration.h"

namespace xzgate::certificates {

// How soon a replica sees what another one, or a person, wrote.
inline constexpr auto kPollInterval = std::chrono::seconds(10);

// A configuration whose caBundle is ours to patch; everything else of it is the chart's.
struct Publication {
  const kube::Listable* resource = nullptr;  // Validating- or MutatingWebhookConfigurations()
  std::string name;
};

struct KeeperOptions {
  kube::ObjectName secret;
  Wish wish;
  std::vector<Publication> publications;
};

// Something that people should know of; told once when it begins, not in each round.
struct Told {
  enum class What : std::uint8_t {
    kSecretDamaged,         // entries of the Secret are made anew
    kRenewed,               // the Secret has a new leaf, a new authority, or one less
    kPublished,             // a caBundle was written
    kConfigurationMissing,  // deleted: the known way out of an emergency, never reverted
    kConfigurationBack,
    kConfigurationChanged,  // rules, selectors or failurePolicy; never reverted
  };
  What what;
  std::string configuration;  // "" for what is about the Secret
  std::string text;           // for people
};

// Keeps the Secret, the caBundles and the served leaf in step with Renew and BundlePlan, together
// with the other replicas, through the Secret's resource version. Confined to one thread; borrows
// `cluster`.
class CertificateKeeper {
 public:
  struct Uses {
    // Takes a leaf into use: for each new one, once every caBundle vouches for it.
    std::function<void(const Leaf&)> serve;
    std::function<void(const Told&)> tell;
  };

  CertificateKeeper(kube::Cluster& cluster, KeeperOptions options, Uses uses);

  // One round. `now` should be the API server's time: it judges the certificates, and a replica
  // whose own clock is off must not renew what others hold for good. `passed` is a steady time.
  // True when another round should follow at once: somebody else wrote in between. Errors: those of
  // the first call that failed; all that could be done without it is done, and what is served stays
  // in use.
  Result<bool> Step(WallTime now, SteadyTime passed, Deadline deadline);

 private:
  // What is known of one Publication.
  struct Watched {
    std::optional<kube::WebhookConfiguration> now;  // as read in this round
    bool is_readable = false;                       // read, or known not to be there
    std::optional<kube::WebhookConfiguration> before;
    bool was_missing = false;
    BundlePlan plan;
  };
  struct Stored {
    kube::Secret secret;
    Material material;
  };

  Result<Stored> ReadSecret(Deadline deadline);
  Result<void> ReadConfigurations(Deadline deadline);
  void TellChanges(const Publication& publication, Watched& watched);
  bool IsPublished(const crypto::Certificate& authority) const;
  // kConflict or kAlreadyExists when another replica was faster.
  Result<void> Write(Stored& stored, Renewed renewed, Deadline deadline);
  Result<void> Publish(const Material& material, WallTime now, SteadyTime passed,
                       Deadline deadline);
  void Serve(const Material& material, WallTime now);
  void Tell(Told::What what, std::string configuration, std::string text) const;

  kube::Cluster& cluster_;
  const KeeperOptions options_;
  const Uses uses_;
  std::vector<Watched> watched_;  // one for each publication
  std::vector<std::string> told_damage_;
  std::optional<crypto::Certificate> served_;
};

}  // namespace xzgate::certificates
