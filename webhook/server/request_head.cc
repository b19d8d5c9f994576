#include "webhook/server/request_head.h"

#include <algorithm>
#include <optional>

#include "base/http/field_syntax.h"
#include "base/text.h"

namespace xzgate::server {
namespace {

using Refused = std::unexpected<FramingError>;

Refused Refuse(int status, std::string_view reason) {
  return Refused(FramingError{.status = status, .reason = reason, .allow = {}});
}

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// The header lines that mean something to us, as sent; absent if not sent.
struct Fields {
  std::optional<std::string_view> host, content_length, content_type, transfer_encoding,
      content_encoding, expect;
  bool closes = false;

  // Where the value of `name` is kept; null for a name that we ignore.
  std::optional<std::string_view>* Find(std::string_view name) {
    if (EqualsIgnoreCase(name, "host")) return &host;
    if (EqualsIgnoreCase(name, "content-length")) return &content_length;
    if (EqualsIgnoreCase(name, "content-type")) return &content_type;
    if (EqualsIgnoreCase(name, "transfer-encoding")) return &transfer_encoding;
    if (EqualsIgnoreCase(name, "content-encoding")) return &content_encoding;
    if (EqualsIgnoreCase(name, "expect")) return &expect;
    return nullptr;
  }
};

// Takes the next line off `rest`; absent when its end is not CRLF.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

bool HasToken(std::string_view list, std::string_view token) {
  const auto parts = Split(list, ',');
  return std::any_of(parts.begin(), parts.end(), [token](std::string_view part) {
    return EqualsIgnoreCase(Trim(part), token);
  });
}

std::expected<void, FramingError> ReadField(std::string_view line, Fields& fields) {
  if (line.front() == ' ' || line.front() == '\t') return Refuse(400, "folded header line");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Refuse(400, "header line without a colon");
  const std::string_view name = line.substr(0, colon);
  if (!http::IsHttpToken(name)) return Refuse(400, "malformed header name");
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!http::IsHttpFieldValue(value)) return Refuse(400, "control byte in a header value");
  if (EqualsIgnoreCase(name, "connection")) {
    fields.closes = fields.closes || HasToken(value, "close");
    return {};
  }
  std::optional<std::string_view>* slot = fields.Find(name);
  if (slot == nullptr) return {};
  // Also equal copies: two readers of one request must not be able to disagree (RFC 9112,
  // section 6.3).
  if (slot->has_value()) return Refuse(400, "header given twice");
  *slot = value;
  return {};
}

std::expected<Fields, FramingError> ReadFields(std::string_view rest, const FramingLimits& limits) {
  Fields fields;
  std::size_t count = 0;
  while (!rest.empty()) {
    const auto line = TakeLine(rest);
    if (!line || line->empty()) return Refuse(400, "header line without CRLF");
    if (++count > limits.max_headers) return Refuse(431, "too many header lines");
    if (const auto read = ReadField(*line, fields); !read) return Refused(read.error());
  }
  return fields;
}

struct RequestLine {
  std::string_view method, path, query;
  bool is_http_1_0 = false;
};

std::expected<RequestLine, FramingError> ReadRequestLine(std::string_view line) {
  const auto parts = Split(line, ' ');
  if (parts.size() != 3 || !http::IsHttpToken(parts[0]))
    return Refuse(400, "malformed request line");
  const std::string_view target = parts[1];
  const std::string_view version = parts[2];
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return version.starts_with("HTTP/") ? Refuse(505, "want HTTP/1.1")
                                        : Refuse(400, "malformed request line");
  }
  // Only the origin form: we are no proxy (RFC 9112, section 3.2.1).
  if (!target.starts_with('/') || !IsVisibleAscii(target) || target.contains('#')) {
    return Refuse(400, "malformed request target");
  }
  const std::size_t mark = target.find('?');
  RequestLine read{.method = parts[0],
                   .path = target.substr(0, mark),
                   .query = {},
                   .is_http_1_0 = version == "HTTP/1.0"};
  if (mark != std::string_view::npos) read.query = target.substr(mark + 1);
  return read;
}

std::expected<const Route*, FramingError> FindRoute(const RequestLine& line,
                                                    std::span<const Route> routes) {
  const Route* same_path = nullptr;
  for (const Route& route : routes) {
    if (route.path != line.path) continue;
    if (route.method == line.method) return &route;
    same_path = &route;
  }
  if (same_path == nullptr) return Refuse(404, "no such path");
  return Refused(
      FramingError{.status = 405, .reason = "method not allowed", .allow = same_path->method});
}

// How long the body is, or why we refuse to know. Smuggling lives on disagreement about this: RFC
// 9112, section 6.
std::expected<std::size_t, FramingError> BodyLength(const RequestLine& line, const Fields& fields,
                                                    const FramingLimits& limits) {
  if (fields.transfer_encoding) {
    if (fields.content_length) return Refuse(400, "both Content-Length and Transfer-Encoding");
    if (EqualsIgnoreCase(*fields.transfer_encoding, "chunked"))
      return Refuse(411, "want Content-Length");
    return Refuse(501, "unknown transfer coding");
  }
  if (fields.content_encoding && !EqualsIgnoreCase(*fields.content_encoding, "identity")) {
    return Refuse(415, "want a body without content coding");
  }
  if (!fields.content_length) {
    if (line.method == "POST") return Refuse(411, "want Content-Length");
    return 0;
  }
  const std::string_view digits = *fields.content_length;
  const bool is_number = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!is_number) return Refuse(400, "malformed Content-Length");
  const auto length = ParseUint(digits);
  if (line.method != "POST" && length != 0) return Refuse(400, "body not allowed");
  if (!length || *length > limits.max_body_bytes) return Refuse(413, "body too large");
  return static_cast<std::size_t>(*length);
}

}  // namespace

std::expected<RequestHead, FramingError> ParseHead(std::string_view head,
                                                   std::span<const Route> routes,
                                                   const FramingLimits& limits) {
  const auto first = TakeLine(head);
  if (!first) return Refuse(400, "request line without CRLF");
  if (first->size() > limits.max_request_line) return Refuse(414, "request line too long");
  const auto line = ReadRequestLine(*first);
  if (!line) return Refused(line.error());
  const auto fields = ReadFields(head, limits);
  if (!fields) return Refused(fields.error());
  if (!fields->host && !line->is_http_1_0) return Refuse(400, "want a Host header");
  const auto route = FindRoute(*line, routes);
  if (!route) return Refused(route.error());
  const auto length = BodyLength(*line, *fields, limits);
  if (!length) return Refused(length.error());
  const bool expects = fields->expect && !line->is_http_1_0;
  if (expects && !EqualsIgnoreCase(*fields->expect, "100-continue")) {
    return Refuse(417, "unknown expectation");
  }
  return RequestHead{.route = *route,
                     .query = std::string(line->query),
                     .content_type = std::string(fields->content_type.value_or("")),
                     .content_length = *length,
                     .keep_alive = !fields->closes && !line->is_http_1_0,
                     .expects_continue = expects && *length > 0};
}

}  // namespace xzgate::server
