#include "scanner/registry/challenge.h"

#include <algorithm>

#include "base/text.h"
#include "scanner/registry/header_cursor.h"

namespace xzgate::registry {
namespace {

bool IsToken68Char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
}

std::unexpected<Error> Bad(std::string_view why, const HeaderCursor& at) {
  return InvalidArgument("WWW-Authenticate: " + std::string(why) + " at " + Quote(at.rest(), 40));
}

// token68 with its padding, up to a comma or the end; empty when parameters stand there.
std::string_view TakeToken68(HeaderCursor& cursor) {
  const std::string_view rest = cursor.rest();
  auto end = std::find_if_not(rest.begin(), rest.end(), IsToken68Char);
  if (end == rest.begin()) return {};
  end = std::find_if_not(end, rest.end(), [](char c) { return c == '='; });
  const auto length = static_cast<std::size_t>(end - rest.begin());
  const std::string_view after = Trim(rest.substr(length));
  if (!after.empty() && after.front() != ',') return {};
  cursor.Skip(length);
  return rest.substr(0, length);
}

// Whether a parameter (`name BWS "="`) comes next, not another scheme.
bool AtParam(HeaderCursor cursor) {
  if (cursor.TakeToken().empty()) return false;
  cursor.TakeSpace();
  return cursor.Take('=');
}

Result<void> TakeParam(HeaderCursor& cursor, Challenge& challenge) {
  std::string name = ToLower(cursor.TakeToken());
  cursor.TakeSpace();
  cursor.Take('=');
  cursor.TakeSpace();
  auto value = cursor.TakeValue();
  if (!value) return Bad("want a token or a quoted string", cursor);
  if (challenge.Find(name)) return Bad("parameter " + Quote(name) + " twice", cursor);
  if (challenge.params.size() == kMaxChallengeParams) {
    return ResourceExhausted("WWW-Authenticate: more than " + std::to_string(kMaxChallengeParams) +
                             " parameters");
  }
  challenge.params.emplace_back(std::move(name), std::move(*value));
  return {};
}

// Passes the commas of a list, empty elements too; false where something else stands.
bool TakeSeparator(HeaderCursor& cursor) {
  bool any = cursor.AtEnd();
  cursor.TakeSpace();
  while (cursor.Take(',')) {
    any = true;
    cursor.TakeSpace();
  }
  return any || cursor.AtEnd();
}

Result<Challenge> TakeChallenge(HeaderCursor& cursor) {
  Challenge challenge{.scheme = ToLower(cursor.TakeToken()), .token68 = {}, .params = {}};
  if (challenge.scheme.empty()) return Bad("want a scheme", cursor);
  if (cursor.TakeSpace()) challenge.token68 = TakeToken68(cursor);
  // After a comma, `name =` goes on with this challenge and a lone name starts the next one.
  while (challenge.token68.empty() && AtParam(cursor)) {
    XZGATE_RETURN_IF_ERROR(TakeParam(cursor, challenge));
    if (!TakeSeparator(cursor)) return Bad("want a comma", cursor);
  }
  return challenge;
}

}  // namespace

std::optional<std::string_view> Challenge::Find(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<std::vector<Challenge>> ParseChallenges(std::string_view header) {
  if (header.size() > kMaxChallengeBytes) {
    return ResourceExhausted("WWW-Authenticate: more than " + std::to_string(kMaxChallengeBytes) +
                             " bytes");
  }
  std::vector<Challenge> challenges;
  HeaderCursor cursor(header);
  TakeSeparator(cursor);
  while (!cursor.AtEnd()) {
    if (challenges.size() == kMaxChallenges) {
      return ResourceExhausted("WWW-Authenticate: more than " + std::to_string(kMaxChallenges) +
                               " challenges");
    }
    XZGATE_ASSIGN(auto challenge, TakeChallenge(cursor));
    const bool ended_by_params = !challenge.params.empty();
    challenges.push_back(std::move(challenge));
    if (!ended_by_params && !TakeSeparator(cursor)) return Bad("want a comma", cursor);
  }
  return challenges;
}

}  // namespace xzgate::registry
