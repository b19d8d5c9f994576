#include "base/http/transport.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace xzgate::http {

void Headers::Remove(std::string_view name) {
  std::erase_if(list_,
                [name](const Header& header) { return EqualsIgnoreCase(header.first, name); });
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  const auto found = std::find_if(list_.begin(), list_.end(), [name](const Header& header) {
    return EqualsIgnoreCase(header.first, name);
  });
  if (found == list_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> Headers::FindAll(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [header, value] : list_) {
    if (EqualsIgnoreCase(header, name)) values.emplace_back(value);
  }
  return values;
}

Result<std::string> ReadBody(Response& response, std::size_t max_bytes) {
  return ReadAll(*response.body, max_bytes, "body of " + response.url.ToRedacted());
}

std::string ReadErrorBody(Response& response) {
  std::string text;
  std::array<std::uint8_t, kMaxErrorBody> buffer;
  while (text.size() < buffer.size()) {
    const auto count = response.body->Read(std::span(buffer).first(buffer.size() - text.size()));
    if (!count || *count == 0) break;
    text.append(reinterpret_cast<const char*>(buffer.data()), *count);
  }
  return text;
}

bool IsReading(Method method) {
  return method == Method::kGet || method == Method::kHead;
}

std::string_view ToString(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
  }
  return "GET";
}

}  // namespace xzgate::http
