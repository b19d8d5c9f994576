#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/result.h"
#include "scanner/oci/manifest.h"
#include "scanner/oci/reference.h"

namespace xzgate::registry {

// How a call may spend time and budget.
struct Access {
  Deadline deadline = Deadline::Never();
  bool urgent =
      false;  // admission waits: may use the share of a host's concurrency that is kept for it
  // Set to true by another thread when the process stops: a scan then ends early with kUnavailable.
  // May be null.
  const std::atomic<bool>* stop = nullptr;
  // Set to true by another thread when admission begins to wait for a scan that runs. May be null.
  const std::atomic<bool>* raised = nullptr;

  // Set to true by another thread when others have waited long enough for this call's place: it
  // ends as for `stop`. May be null.
  const std::atomic<bool>* give_way = nullptr;

  bool IsStopped() const {
    return (stop != nullptr && stop->load(std::memory_order_relaxed)) ||
           (give_way != nullptr && give_way->load(std::memory_order_relaxed));
  }
  bool IsUrgent() const {
    return urgent || (raised != nullptr && raised->load(std::memory_order_relaxed));
  }
};

// A manifest, index or config as its bytes, whose size and digest were checked. A value.
struct VerifiedBytes {
  oci::Digest digest;
  std::string content_type;  // what the source said, may be empty
  std::string bytes;
};

// What refers to a digest, as a registry tells: unsigned hints. A value.
struct ReferrerList {
  std::vector<oci::Descriptor> manifests;
  bool has_more = false;  // there are more than were asked for
};

// Where images come from: a registry, or an OCI layout on disk. Implementations are thread-safe;
// calls block until their deadline. Errors of every call, as the cause they lead to (design.md
// section 2):
//   unreachable: kUnavailable (connection, TLS, 5xx, 429), kDeadlineExceeded, kUnauthenticated
//   (401), kPermissionDenied (403, or our address guard), kNotFound (404); unreadable: kIntegrity
//   (wrong bytes), kInvalidArgument, kUnsupported, kResourceExhausted (a limit of ours).
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // The digest that a reference names now. One HEAD (GET when the registry gives no digest header);
  // for a reference with a digest no call.
  virtual Result<oci::Digest> Resolve(const oci::Reference& reference, const Access& access) = 0;

  // A manifest or index, at most kMaxManifestBytes.
  virtual Result<VerifiedBytes> FetchManifest(const oci::PinnedReference& reference,
                                              const Access& access) = 0;

  // A small blob as a whole (a config), at most `max_bytes`; size and digest are checked.
  virtual Result<VerifiedBytes> FetchBlob(const oci::Repository& repository,
                                          const oci::Descriptor& blob, std::size_t max_bytes,
                                          const Access& access) = 0;

  // A large blob as a stream. NOT verified: the reader hashes it (layer::ReadLayer does) and
  // believes nothing before the end.
  virtual Result<std::unique_ptr<ByteSource>> OpenBlob(const oci::Repository& repository,
                                                       const oci::Descriptor& blob,
                                                       const Access& access) = 0;

  // Every tag, page by page, at most `max_tags` (kResourceExhausted beyond).
  virtual Result<std::vector<std::string>> ListTags(const oci::Repository& repository,
                                                    std::size_t max_tags, const Access& access) = 0;

  // The manifests whose subject is this digest, page by page, at most `max` (OCI distribution-spec
  // 1.1, "Listing Referrers"). kUnsupported where there is no such API: the fallback tag is to be
  // asked then, and also where the list is empty.
  virtual Result<ReferrerList> ListReferrers(const oci::PinnedReference& subject, std::size_t max,
                                             const Access& access);

  // How long this host asked to be left alone (429 or 503 with Retry-After beyond what a call waits
  // for); zero when it did not.
  virtual std::chrono::milliseconds BusyFor(const std::string& host) const = 0;

  // Every host that asks for quiet now: its jobs are passed over.
  virtual std::vector<std::string> BusyHosts() const { return {}; }
};

}  // namespace xzgate::registry
