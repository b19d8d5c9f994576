#include "scanner/registry/image_source.h"

namespace xzgate::registry {

Result<ReferrerList> ImageSource::ListReferrers(const oci::PinnedReference& subject, std::size_t,
                                                const Access&) {
  return Unsupported(subject.ToString() + ": this source lists no referrers");
}

}  // namespace xzgate::registry
