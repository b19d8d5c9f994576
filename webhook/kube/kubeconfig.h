#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "webhook/kube/access.h"

namespace xzgate::kube {

// Ten clusters with certificates in them have some 100 KiB.
inline constexpr std::size_t kMaxKubeconfigBytes = 1024 * 1024;

// Reads a kubeconfig (client-go's clientcmd/api/v1 Config) and what its context names: a cluster
// and, unless it is anonymous, a user. An empty `context` is the current one. Paths are relative to
// `folder`; certificates and keys are read now, token files when they are needed. What we cannot do
// or would have to do less safely is refused with what to use instead: `exec`, `auth-provider`,
// passwords, impersonation, `insecure-skip-tls-verify`, plain http. Keys that nobody knows are
// ignored, as kubectl ignores them.
//
// Errors, naming file and place: kInvalidArgument, kUnsupported (what is refused), kNotFound (no
// such context, cluster or user), kResourceExhausted, as ReadFile for files. No message holds a
// token or a key.
Result<Access> ParseKubeconfig(std::string_view text, const std::string& file,
                               const std::string& folder, std::string_view context = {});

// The same of a file.
Result<Access> ReadKubeconfig(const std::string& path, std::string_view context = {});

}  // namespace xzgate::kube
