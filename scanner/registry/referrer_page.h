#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/http/transport.h"
#include "base/result.h"
#include "scanner/registry/image_source.h"

namespace xzgate::registry {

// A page is an index, and an index is a manifest (distribution-spec, "Listing Referrers").
inline constexpr std::size_t kMaxReferrerPageBytes = oci::kMaxManifestBytes;
// What an entry may say beside its digest and size; the annotations of one that says more are left
// out. They only are hints, and a page could hold megabytes of them.
inline constexpr std::size_t kMaxReferrerHintBytes = 4 * 1024;

// Whether a registry's first answer means that it has no referrers API, so that the fallback tag is
// to be asked: 400, 404, 405, 406, or a page that is no OCI index (signatures.md 2.3).
bool HasNoReferrersApi(const http::Response& response);

// Appends what an index of referrers names, a page of the API or what a fallback tag names, until
// `list` holds `max`; the rest, and what has a digest of an unknown algorithm, sets has_more alone.
// Entries are not filtered: their artifactType is often wrong. Errors: kInvalidArgument (damage),
// kUnsupported (no OCI index), kResourceExhausted.
Result<void> AppendReferrers(std::string_view index, std::size_t max, ReferrerList& list);

// The same for one page that came from `url`. Returns where the next one is, absent after the last.
// Errors: also those of FindNextPage and of the body.
Result<std::optional<http::Url>> ReadReferrerPage(http::Response& response, const http::Url& url,
                                                  std::size_t max, ReferrerList& list);

}  // namespace xzgate::registry
