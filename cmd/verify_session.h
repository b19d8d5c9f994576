#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/layout_name.h"
#include "cmd/output_format.h"
#include "cmd/registry_flags.h"
#include "cmd/signer_flags.h"
#include "scanner/signature/image_verifier.h"
#include "scanner/store/store.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {

inline constexpr std::string_view kDefaultNamespace = "default";  // as kubectl's

struct VerifyFlags {
  RegistryFlags registry;
  SignerFlags signer;
  std::vector<std::string> policies;
  std::optional<std::string> namespace_name;  // absent: kDefaultNamespace
  std::string bundle;                         // a file's signature; then the target is that file
  std::string store;
  bool offline = false;
  bool must_verify = false;  // that nothing is required will not do
  OutputFormat format = OutputFormat::kTable;
};

// What one requirement asks of an image, and what came of it.
struct JudgedRequirement {
  std::string name;   // "command line", or the policy's
  std::string entry;  // of the policy: "attestations[1] (vuln)"; "" where there is none
  signature::Report report;
  std::string hint;  // the flag that may be missing; "" else

  // "\"shop\", attestations[1] (vuln)".
  std::string Title() const;
};

// Which document decided about an image, and for which namespace it was asked.
struct DecidingPolicy {
  std::string name;
  bool is_built_in = false;  // no document covers the image
  std::string namespace_name;
};

// What came of one image named at the command line.
struct VerifiedImage {
  std::string name;                            // as typed
  std::optional<oci::PinnedReference> pinned;  // absent when it could not be resolved
  std::vector<JudgedRequirement> judged;       // all must be met; never empty
  std::optional<DecidingPolicy> policy = {};   // absent without policies, and without a repository
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
  JudgedRequirement Judged(std::string name, std::string entry, signature::Report report) const;
  JudgedRequirement Uncovered(const policy::Rule& rule, const oci::Repository& repository) const;
  void CheckExists(const oci::PinnedReference& image, registry::ImageSource& source,
                   VerifiedImage& verified) const;
  Result<oci::Digest> Resolve(const oci::Reference& reference);
  VerifiedImage VerifyLayout(const std::string& name, const LayoutName& wanted,
                             registry::OciLayout& layout) const;
  VerifiedImage Failed(const std::string& name, const Error& error) const;
  VerifiedImage Judge(const std::string& name, const oci::PinnedReference& image,
                      registry::ImageSource& source, signature::ListingMemory* memory) const;

  std::unique_ptr<Parts> parts_;
  const Clock& clock_;
};

}  // namespace xzgate::cmd
