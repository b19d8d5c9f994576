#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/output_format.h"
#include "cmd/registry_flags.h"
#include "cmd/signer_flags.h"
#include "scanner/signature/image_verifier.h"
#include "scanner/store/store.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {

struct VerifyFlags {
  RegistryFlags registry;
  SignerFlags signer;
  std::vector<std::string> policies;
  std::string namespace_name = "default";
  std::string bundle;  // a file's signature; then the target is that file
  std::string store;
  bool offline = false;
  OutputFormat format = OutputFormat::kTable;
};

// What one requirement asks of an image, and what came of it.
struct JudgedRequirement {
  std::string name;
  signature::Report report;
};

// What came of one image named at the command line.
struct VerifiedImage {
  std::string name;                            // as typed
  std::optional<oci::PinnedReference> pinned;  // absent when it could not be resolved
  std::vector<JudgedRequirement> judged;       // all must be met; never empty
};

// Verifies images' signatures for a person or CI: from registries, OCI layouts, or offline from
// what a store remembers. Confined to one thread; borrows the clock.
class VerifySession {
 public:
  // Errors name the flag.
  static Result<std::unique_ptr<VerifySession>> Create(const VerifyFlags& flags, const Clock& clock,
                                                       log::Logger& logger);
  ~VerifySession();

  // Errors: kInvalidArgument for a name that is none; what the registry cannot give is a report.
  Result<VerifiedImage> Verify(const std::string& name);

 private:
  struct Parts;
  VerifySession(std::unique_ptr<Parts> parts, const Clock& clock);

  std::vector<signature::SealedRequirement> RequirementsFor(
      const oci::Repository& repository) const;
  Result<oci::Digest> Resolve(const oci::Reference& reference);
  VerifiedImage Failed(const std::string& name, const Error& error) const;
  VerifiedImage Judge(const std::string& name, const oci::PinnedReference& image,
                      const signature::ImageVerifier& verifier) const;

  std::unique_ptr<Parts> parts_;
  const Clock& clock_;
};

}  // namespace xzgate::cmd
