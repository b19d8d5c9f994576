#include "scanner/registry/link_header.h"

#include "base/text.h"
#include "scanner/registry/header_cursor.h"

namespace xzgate::registry {
namespace {

std::unexpected<Error> Bad(std::string_view why, const HeaderCursor& at) {
  return InvalidArgument("Link: " + std::string(why) + " at " + Quote(at.rest(), 40));
}

// "prev next": relation types are separated by spaces and compare without case (RFC 8288,
// section 3.3).
bool HasNext(std::string_view relations) {
  for (const std::string_view relation : Split(relations, ' ')) {
    if (EqualsIgnoreCase(relation, "next")) return true;
  }
  return false;
}

// The parameters of one link, up to its comma. Whether its relation is "next"; only the first `rel`
// counts (section 3.3).
Result<bool> TakeParams(HeaderCursor& cursor) {
  std::optional<bool> next;
  cursor.TakeSpace();
  while (cursor.Take(';')) {
    cursor.TakeSpace();
    const std::string_view name = cursor.TakeToken();
    cursor.TakeSpace();
    std::string value;
    if (cursor.Take('=')) {
      cursor.TakeSpace();
      auto taken = cursor.TakeValue();
      if (!taken) return Bad("want a token or a quoted string", cursor);
      value = std::move(*taken);
    }
    if (EqualsIgnoreCase(name, "rel") && !next) next = HasNext(value);
    cursor.TakeSpace();
  }
  return next.value_or(false);
}

}  // namespace

Result<std::optional<std::string>> FindNextLink(std::string_view header) {
  if (header.size() > kMaxLinkBytes) {
    return ResourceExhausted("Link: more than " + std::to_string(kMaxLinkBytes) + " bytes");
  }
  HeaderCursor cursor(header);
  while (true) {
    while (cursor.TakeSpace() || cursor.Take(',')) {
    }
    if (cursor.AtEnd()) return std::optional<std::string>();
    if (!cursor.Take('<')) return Bad("want \"<\"", cursor);
    const auto end = cursor.rest().find('>');
    if (end == std::string_view::npos) return Bad("want \">\"", cursor);
    const std::string_view target = cursor.rest().substr(0, end);
    cursor.Skip(end + 1);
    XZGATE_ASSIGN(const bool next, TakeParams(cursor));
    if (next) return std::string(target);
    if (!cursor.AtEnd() && cursor.Peek() != ',') return Bad("want a comma", cursor);
  }
}

}  // namespace xzgate::registry
