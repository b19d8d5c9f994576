#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json/value.h"
#include "base/result.h"
#include "webhook/kube/change_stream.h"
#include "webhook/kube/json_patch.h"
#include "webhook/kube/resource.h"

namespace xzgate::kube {

// What a list or watch is about. An empty namespace is all of them. Selectors are Kubernetes' own
// texts: {"app=shop"}, {"metadata.name=xzgate"} (an RBAC rule with resourceNames allows the
// latter).
struct Selection {
  std::string ns = {};
  std::string labels = {};
  std::string fields = {};
};

struct WatchOptions {
  // Where to go on from: of a list, or of the last change.
  std::string resource_version;
  // The API server ends the stream then; the next one goes on where it ended.
  std::chrono::seconds timeout{300};
  // Once it is true the stream ends within a second.
  std::shared_ptr<const std::atomic<bool>> cancelled = {};
};

// Takes the objects of a list one by one.
class ListReader {
 public:
  virtual ~ListReader() = default;
  // An error ends the list and is its result.
  virtual Result<void> OnObject(json::Value object) = 0;
  // The API server forgot where the list was, so it begins anew: what came so far comes again.
  virtual void OnRestart() = 0;
};

struct ListEnd {
  std::string resource_version;
  std::size_t objects = 0;  // since the last restart
};

enum class Force : bool { kNo, kYes };

// The few calls of the Kubernetes API that the gate needs; objects go and come as JSON, so that
// what we do not know stays in them. There is no way to list or watch Secrets. Implementations are
// thread-safe; calls block, at most until the deadline.
//
// Errors, all naming verb, resource, namespace and name, never data of a Secret: kNotFound,
// kAlreadyExists, kConflict (changed since it was read), kPermissionDenied (with the RBAC rule that
// is missing), kUnauthenticated, kInvalidArgument, kUnsupported (an API that this server does not
// have), kResourceExhausted (a limit; of ErrorKind::kRateLimited theirs), kUnavailable,
// kDeadlineExceeded.
class Cluster {
 public:
  virtual ~Cluster() = default;

  virtual Result<json::Value> Get(const Resource& resource, const ObjectName& name,
                                  Deadline deadline) = 0;

  // Namespace and name are those of the object's metadata. Returns it as it was stored.
  virtual Result<json::Value> Create(const Resource& resource, const json::Value& object,
                                     Deadline deadline) = 0;

  // Replaces the object whose metadata.resourceVersion is still the one of `object`.
  // kInvalidArgument for an object without one: that would overwrite what somebody else wrote.
  virtual Result<json::Value> Update(const Resource& resource, const json::Value& object,
                                     Deadline deadline) = 0;

  // Server-side apply as "xzgate": makes or changes what `object` names. kConflict when another
  // manager owns a field of it, unless forced.
  virtual Result<json::Value> Apply(const Resource& resource, const json::Value& object,
                                    Force force, Deadline deadline) = 0;

  // kConflict when a test of the patch fails.
  virtual Result<json::Value> Patch(const Resource& resource, const ObjectName& name,
                                    const JsonPatch& patch, Deadline deadline) = 0;

  // With a resource version, only what was not changed since (else kConflict).
  virtual Result<void> Delete(const Resource& resource, const ObjectName& name,
                              const std::string& resource_version, Deadline deadline) = 0;

  // Hands every object to `reader`, page by page; each has its apiVersion and kind. A list that
  // expired in the middle is begun anew once (ListReader::OnRestart); then kUnavailable of
  // ErrorKind::kExpired.
  virtual Result<ListEnd> List(const Listable& resource, const Selection& selection,
                               ListReader& reader, Deadline deadline) = 0;

  // Changes from options.resource_version on. ErrorKind::kExpired: list anew. Mostly used by
  // Watcher.
  virtual Result<std::unique_ptr<ChangeStream>> Watch(const Listable& resource,
                                                      const Selection& selection,
                                                      const WatchOptions& options) = 0;
};

// The name under which server-side apply and managedFields know us.
inline constexpr char kFieldManager[] = "xzgate";

}  // namespace xzgate::kube
