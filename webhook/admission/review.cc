#include "webhook/admission/review.h"

#include "base/json/reader.h"
#include "base/text.h"
#include "webhook/admission/review_reader.h"

namespace xzgate::admission {
namespace {

// A review of 7 MiB holds far fewer values than this; the limit bounds the work on hostile ones.
constexpr std::size_t kMaxReviewValues = 1'000'000;
// A uid of the API server has 36 characters; a longer one is not echoed.
constexpr std::size_t kMaxUidBytes = 128;

Result<Request> Read(std::string_view body, ReviewReader& reader) {
  const json::Limits limits{.max_bytes = kMaxReviewBytes,
                            .max_depth = kMaxReviewDepth,
                            .max_values = kMaxReviewValues,
                            .refuse_case_variants = false};
  XZGATE_RETURN_IF_ERROR(json::Scan(body, limits, reader));
  return reader.Finish();
}

}  // namespace

std::string_view ToString(Operation operation) {
  switch (operation) {
    case Operation::kCreate:
      return "CREATE";
    case Operation::kUpdate:
      return "UPDATE";
    case Operation::kDelete:
      return "DELETE";
    case Operation::kConnect:
      return "CONNECT";
  }
  return "CREATE";
}

std::string_view ToString(UseKind kind) {
  switch (kind) {
    case UseKind::kContainer:
      return "container";
    case UseKind::kInitContainer:
      return "init container";
    case UseKind::kEphemeralContainer:
      return "ephemeral container";
    case UseKind::kImageVolume:
      return "image volume";
  }
  return "container";
}

std::string Request::Workload() const {
  const std::string shown = !name.empty()            ? name
                            : !generate_name.empty() ? generate_name + "*"
                                                     : "*";
  return resource + "/" + namespace_name + "/" + shown;
}

std::expected<Request, Malformed> ParseReview(std::string_view body, const KindTable& kinds) {
  ReviewReader reader(kinds);
  auto request = Read(body, reader);
  if (request && reader.is_blind()) {
    ReviewReader again(kinds, KindName{request->group, request->kind});
    request = Read(body, again);
  }
  if (request && request->uid.size() <= kMaxUidBytes) return std::move(*request);
  Malformed malformed{
      .uid = reader.uid(),
      .api_version = "admission.k8s.io/v1",
      .error = request ? Error(ErrorCode::kInvalidArgument, "request.uid: longer than 128 bytes")
                       : request.error()};
  if (malformed.uid && (malformed.uid->empty() || malformed.uid->size() > kMaxUidBytes))
    malformed.uid.reset();
  return std::unexpected(std::move(malformed));
}

}  // namespace xzgate::admission
