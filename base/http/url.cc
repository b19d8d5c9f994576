#include "base/http/url.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/http/ip_address.h"
#include "base/text.h"

namespace xzgate::http {
namespace {

constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035, section 2.3.4, as text
constexpr std::size_t kMaxLabelBytes = 63;

bool IsAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::uint16_t DefaultPort(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

// A URL as a message may show it: no query, no fragment, no user information.
std::unexpected<Error> Bad(std::string_view text, std::string_view why) {
  std::string shown(text.substr(0, text.find_first_of("?#")));
  const auto start = shown.find("://");
  const auto at = shown.rfind('@');
  if (at != shown.npos) {
    const std::size_t from = start == shown.npos ? 0 : start + 3;
    if (from <= at) shown.replace(from, at - from, "***");
  }
  return InvalidArgument("URL " + Quote(shown) + ": " + std::string(why));
}

// RFC 3986, section 3.1; how many bytes of scheme stand before the first ':', 0 if there is none.
std::size_t SchemeLength(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return IsAlpha(c) || IsDigit(c) || c == '+' || c == '-' || c == '.';
  });
  const auto length = static_cast<std::size_t>(end - text.begin());
  const bool is_scheme = length > 0 && IsAlpha(text[0]) && end != text.end() && *end == ':';
  return is_scheme ? length : 0;
}

bool IsHostName(std::string_view host) {
  if (host.size() > kMaxHostBytes) return false;
  for (const auto label : Split(host, '.')) {
    if (label.empty() || label.size() > kMaxLabelBytes) return false;
    const bool valid = std::all_of(label.begin(), label.end(), [](char c) {
      return IsAlpha(c) || IsDigit(c) || c == '-' || c == '_';
    });
    if (!valid) return false;
  }
  return true;
}

struct HostPort {
  std::string_view host = {};
  std::string_view port = {};
  bool has_port = false;
  bool in_brackets = false;
};

// Takes an authority without user information apart.
HostPort SplitAuthority(std::string_view authority) {
  HostPort parts;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == authority.npos) return {.host = authority};
    parts.in_brackets = true;
    parts.host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
    if (!rest.empty() && rest[0] != ':') return {.host = authority};
  } else {
    const auto colon = authority.find(':');
    parts.host = authority.substr(0, colon);
    if (colon != authority.npos) rest = authority.substr(colon);
  }
  parts.has_port = !rest.empty();
  if (parts.has_port) parts.port = rest.substr(1);
  return parts;
}

// The port that is written, else the scheme's own; absent for one that is none.
std::optional<std::uint16_t> PortOf(const HostPort& parts, std::string_view scheme) {
  if (!parts.has_port) return DefaultPort(scheme);
  const auto port = ParseUint(parts.port);
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

// RFC 3986, section 5.2.4, for a path that starts with '/'.
std::string RemoveDotSegments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto segments = Split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    const bool up = segments[i] == "..";
    if (!up && segments[i] != ".") {
      kept.push_back(segments[i]);
      continue;
    }
    if (up && !kept.empty()) kept.pop_back();
    if (last) kept.emplace_back();
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

}  // namespace

std::string Origin::ToString() const {
  const bool v6 = host.find(':') != host.npos;
  return scheme + "://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Url> Url::Parse(std::string_view text) {
  if (text.size() > kMaxUrlBytes) {
    return InvalidArgument("URL of " + std::to_string(text.size()) + " bytes: want at most " +
                           std::to_string(kMaxUrlBytes));
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c >= '\x7F'; })) {
    return Bad(text, "holds a control byte, a space or a byte outside ASCII");
  }
  if (text.find('#') != text.npos) return Bad(text, "want no fragment");

  Origin origin;
  const std::size_t scheme_length = SchemeLength(text);
  origin.scheme = ToLower(text.substr(0, scheme_length));
  if (origin.scheme != "https" && origin.scheme != "http") return Bad(text, "want http or https");
  if (text.substr(scheme_length, 3) != "://") return Bad(text, "want \"://\" after the scheme");

  const std::string_view rest = text.substr(scheme_length + 3);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != authority.npos) return Bad(text, "want no user information");

  const HostPort parts = SplitAuthority(authority);
  const auto address = IpAddress::Parse(parts.host);
  if (parts.in_brackets && address && !address->is_v4()) {
    origin.host = address->ToString();
  } else if (!parts.in_brackets && IsHostName(parts.host)) {
    origin.host = ToLower(parts.host);
  } else {
    return Bad(text, "want a host name or address");
  }
  const auto port = PortOf(parts, origin.scheme);
  if (!port) return Bad(text, "want a port of 1 to 65535");
  origin.port = *port;

  std::string target(rest.substr(end));
  if (!target.starts_with('/')) target.insert(0, "/");
  Url url(std::move(origin), std::move(target));
  // The printed form must parse again; it can be longer by the '/' or by the spelling of an
  // address.
  if (url.ToString().size() > kMaxUrlBytes) return Bad(text, "too long");
  return url;
}

Result<Url> Url::Resolve(std::string_view reference) const {
  if (SchemeLength(reference) > 0) return Parse(reference);
  if (reference.starts_with("//")) return Parse(origin_.scheme + ":" + std::string(reference));
  const std::string base = origin_.ToString();
  if (reference.empty()) return *this;
  const std::string_view own_path = std::string_view(target_).substr(0, target_.find('?'));
  if (reference.starts_with('?'))
    return Parse(base + std::string(own_path) + std::string(reference));

  const auto query = std::min(reference.find_first_of("?#"), reference.size());
  std::string path(reference.substr(0, query));
  if (!path.starts_with('/')) {
    path = std::string(own_path.substr(0, own_path.rfind('/') + 1)) + path;
  }
  return Parse(base + RemoveDotSegments(path) + std::string(reference.substr(query)));
}

std::string Url::ToString() const {
  std::string text = origin_.ToString();
  if (origin_.port == DefaultPort(origin_.scheme)) text.resize(text.rfind(':'));
  return text + target_;
}

std::string Url::ToRedacted() const {
  std::string text = ToString();
  text.resize(std::min(text.find('?'), text.size()));
  return text;
}

}  // namespace xzgate::http
