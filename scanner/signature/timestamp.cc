#include "scanner/signature/timestamp.h"

#include <optional>

#include "base/text.h"
#include "scanner/signature/certificate_path.h"
#include "scanner/signature/timestamp_token.h"

namespace xzgate::signature {
namespace {

std::string NameOf(const Anchor& authority) {
  return authority.uri.empty() ? authority.chain.front().Subject() : authority.uri;
}

Result<void> CheckImprint(const TimestampInfo& info, std::string_view signature) {
  if (info.imprint == crypto::HashBytes(info.algorithm, AsBytes(signature))) return {};
  return Integrity("timestamp: its imprint is not this signature's " +
                   std::string(crypto::ToString(info.algorithm)));
}

Result<void> CheckTime(WallTime time, const Anchor& authority, WallTime now) {
  const std::string when = "timestamp: time " + ToRfc3339(time);
  if (time > now + kMaxAhead) return Integrity(when + " is after now, " + ToRfc3339(now));
  if (!authority.valid.Covers(time)) {
    return Integrity(when + ": authority " + Quote(NameOf(authority)) +
                     " is not trusted at that time");
  }
  return {};
}

// When `authority`, with its own validity and nobody else's, says that `signature` was there.
Result<WallTime> TimeBy(const Anchor& authority, const TimestampToken& token,
                        std::string_view signature, WallTime now) {
  XZGATE_ASSIGN(const TimestampInfo info, token.Verify(authority.chain));
  XZGATE_RETURN_IF_ERROR(CheckImprint(info, signature));
  XZGATE_RETURN_IF_ERROR(CheckTime(info.time, authority, now));
  // Its certificate's validity and usage (critical timeStamping alone: RFC 3161, section 2.3) too.
  const auto path =
      CheckPath(authority.chain.front(), authority, {}, Usage::kTimeStamping, info.time);
  if (!path) return Annotate(path.error(), "timestamp: authority " + Quote(NameOf(authority)));
  return info.time;
}

}  // namespace

TrustedTime::TrustedTime(WallTime time, std::string authority)
    : time_(time), authority_(std::move(authority)) {}

Result<TrustedTime> CheckTimestamp(std::string_view response, std::string_view signature,
                                   const TrustedRoot& root, WallTime now) {
  XZGATE_ASSIGN(const TimestampToken token, TimestampToken::Parse(response));
  std::optional<Error> failed;
  for (const Anchor& authority : root.timestamp_authorities()) {
    if (authority.chain.empty() || !token.Names(authority.chain.front())) continue;
    const Result<WallTime> time = TimeBy(authority, token, signature, now);
    if (time)
      return TrustedTime(*time, authority.run_by.empty() ? NameOf(authority) : authority.run_by);
    failed = time.error();
  }
  if (failed) return std::unexpected(*std::move(failed));
  return Integrity("timestamp: its signer " + token.SignerName() +
                   " is no authority of trust root " + Quote(root.name()));
}

}  // namespace xzgate::signature
