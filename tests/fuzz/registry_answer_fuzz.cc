// Small documents of registries and token servers, and Docker config files: what is accepted keeps
// the promises of its reader.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scanner/oci/reference.h"
#include "scanner/registry/keychain.h"
#include "scanner/registry/referrer_page.h"
#include "scanner/registry/response_error.h"
#include "scanner/registry/tag_page.h"
#include "scanner/registry/token_request.h"

namespace {

using namespace xzgate;
using namespace xzgate::registry;

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsPrintable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

void CheckTags(std::string_view body) {
  const auto url = http::Url::Parse("https://reg.example/v2/a/tags/list");
  http::Response response{.status = 200,
                          .headers = {},
                          .url = *url,
                          .body = std::make_unique<MemorySource>(std::string(body))};
  std::vector<std::string> tags;
  const auto next = ReadTagPage(response, *url, 1024 * 1024, tags);
  if (next) Require(std::all_of(tags.begin(), tags.end(), oci::IsTag));
}

void CheckReferrers(std::string_view body) {
  constexpr std::size_t kMax = 3;
  ReferrerList few;
  ReferrerList all;
  const bool few_read = AppendReferrers(body, kMax, few).has_value();
  const bool all_read = AppendReferrers(body, SIZE_MAX, all).has_value();
  Require(few.manifests.size() <= kMax);
  // What is not looked at is said, and damages nothing.
  Require(few_read || !all_read);
  Require(!all_read || few.manifests.size() == all.manifests.size() || few.has_more);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto token = ParseTokenResponse(body)) {
    Require(IsPrintable(token->token.Reveal()) && token->lifetime <= TokenCache::kMaxLifetime);
  }
  const std::string said = DescribeErrorBody(body);
  Require(said.size() <= 300 && IsPrintable(said));
  CheckTags(body);
  CheckReferrers(body);
  Keychain keychain;
  if (!keychain.Add(body, "fuzz"))
    Require(keychain.Find({"reg.example", "a/b"}) == nullptr && keychain.warnings().empty());
  return 0;
}
