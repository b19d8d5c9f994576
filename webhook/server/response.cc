#include "webhook/server/response.h"

#include <algorithm>

namespace xzgate::server {
namespace {

bool IsSafeFieldValue(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string EncodeResponse(const HttpResponse& response, bool closes, std::string_view allow) {
  std::string out;
  out.reserve(160 + response.content_type.size() + response.body.size());
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(ReasonPhrase(response.status)).append("\r\n");
  if (IsSafeFieldValue(response.content_type)) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  if (IsSafeFieldValue(allow)) out.append("Allow: ").append(allow).append("\r\n");
  out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  out.append("X-Content-Type-Options: nosniff\r\n");
  out.append(closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
  out.append(response.body);
  return out;
}

std::string EncodeRefusal(const FramingError& error) {
  return EncodeResponse(PlainText(error.status, error.reason), true, error.allow);
}

std::string_view ContinueResponse() {
  return "HTTP/1.1 100 Continue\r\n\r\n";
}

HttpResponse PlainText(int status, std::string_view text) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::string(text) + "\n"};
}

}  // namespace xzgate::server
