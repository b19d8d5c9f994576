// Whatever a kubeconfig says, what it gives is verified https to one server.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "webhook/kube/kubeconfig.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A folder that is not there: what a file names is never read.
  const auto access = xzgate::kube::ParseKubeconfig(text, "config", "/nowhere");
  if (!access) {
    Check(xzgate::IsValidUtf8(access.error().message()));
    return 0;
  }
  Check(access->server.origin().scheme == "https");
  Check(access->ca_file.empty());
  Check(!access->in_cluster);
  const auto options = xzgate::kube::MakeCurlOptions(*access, {});
  Check(!options.plain_http_everywhere && options.plain_http_hosts.empty());
  Check(options.ca_pem.empty() ||
        (options.system_authorities && options.system_authorities->file.empty()));
  return 0;
}
