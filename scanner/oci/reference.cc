#include "scanner/oci/reference.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::oci {
namespace {

constexpr std::string_view kHub = "docker.io";
constexpr std::string_view kLegacyHub = "index.docker.io";
constexpr std::string_view kHubApi = "registry-1.docker.io";
constexpr std::string_view kHubPrefix = "library/";
constexpr std::string_view kLocalhost = "localhost";
constexpr std::size_t kMaxTagBytes = 128;
constexpr std::size_t kIdentifierDigits = 64;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLowerAlnum(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z');
}
bool IsAlnum(char c) {
  return IsLowerAlnum(c) || (c >= 'A' && c <= 'Z');
}
bool IsWord(char c) {
  return IsAlnum(c) || c == '_';
}
bool IsHexDigit(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <typename Predicate>
bool All(std::string_view text, Predicate predicate) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

// domain-component: letters, digits and inner dashes.
bool IsDomainComponent(std::string_view part) {
  return All(part, [](char c) { return IsAlnum(c) || c == '-'; }) && part.front() != '-' &&
         part.back() != '-';
}

// domain: a name, an IPv4 address or an IPv6 address in brackets; then an optional port.
bool IsDomain(std::string_view text) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) return false;
    if (!All(text.substr(1, end - 1), [](char c) { return IsHexDigit(c) || c == ':'; }))
      return false;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else {
    const auto colon = text.find(':');
    has_port = colon != text.npos;
    if (has_port) port = text.substr(colon + 1);
    const auto parts = Split(text.substr(0, colon), '.');
    if (!std::all_of(parts.begin(), parts.end(), IsDomainComponent)) return false;
  }
  return !has_port || All(port, IsDigit);
}

// path-component: lower-case letters and digits, joined by ".", "_", "__" or any number of "-".
bool IsPathComponent(std::string_view part) {
  std::size_t at = 0;
  const auto take = [&part, &at](auto predicate) {
    const std::size_t from = at;
    while (at < part.size() && predicate(part[at])) ++at;
    return part.substr(from, at - from);
  };
  while (true) {
    if (take(IsLowerAlnum).empty()) return false;
    if (at == part.size()) return true;
    const std::string_view separator = take([](char c) { return !IsLowerAlnum(c); });
    if (separator != "." && separator != "_" && separator != "__" &&
        !All(separator, [](char c) { return c == '-'; })) {
      return false;
    }
  }
}

bool IsPath(std::string_view path) {
  const auto parts = Split(path, '/');
  return std::all_of(parts.begin(), parts.end(), IsPathComponent);
}

// containerd takes a bare digest, and 64 hex digits, for the id of an image that is already on the
// node: nothing that a registry could be asked about. distribution refuses only the second form.
bool IsImageId(std::string_view text) {
  if (text.size() == kIdentifierDigits && All(text, [](char c) { return IsHexDigit(c); }))
    return true;
  return Digest::Parse(text).has_value();
}

struct Parts {
  std::string_view host;  // empty: Docker Hub
  std::string_view path;
  std::optional<std::string_view> tag;
  std::optional<std::string_view> digest;
};

// Whether the text before the first slash is a host (distribution/reference, normalize.go).
bool NamesHost(std::string_view first) {
  return first == kLocalhost || first.find_first_of(".:") != first.npos || ToLower(first) != first;
}

Parts Cut(std::string_view text) {
  Parts parts;
  const auto slash = text.find('/');
  if (slash != text.npos && NamesHost(text.substr(0, slash))) {
    parts.host = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  if (const auto at = text.find('@'); at != text.npos) {
    parts.digest = text.substr(at + 1);
    text = text.substr(0, at);
  }
  if (const auto colon = text.find(':'); colon != text.npos) {
    parts.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  parts.path = text;
  return parts;
}

// The normalised host. An upper-case host is a host of its own for distribution ("Foo/bar",
// "DOCKER.IO/bar"), but in lower case these two would name Docker Hub: another image than the node
// would run. They are refused.
Result<std::string> NormaliseHost(std::string_view host) {
  if (host.empty()) return std::string(kHub);
  if (!IsDomain(host)) return InvalidArgument("bad host " + Quote(host));
  if (host == kHub || host == kLegacyHub) return std::string(kHub);
  std::string lower = ToLower(host);
  if (lower == kHub || lower == kLegacyHub) {
    return InvalidArgument("host " + Quote(host) + ": want " + Quote(lower) + ", in lower case");
  }
  if (!NamesHost(lower)) {
    return InvalidArgument("host " + Quote(host) +
                           ": want lower case, or a dot or a port in a host");
  }
  return lower;
}

Result<Repository> MakeRepository(const Parts& parts) {
  XZGATE_ASSIGN(std::string host, NormaliseHost(parts.host));
  if (!IsPath(parts.path)) {
    const bool upper = ToLower(parts.path) != parts.path;
    return InvalidArgument("bad repository " + Quote(parts.path) +
                           (upper ? ": want lower case" : ""));
  }
  std::string path(parts.path);
  if (host == kHub && path.find('/') == path.npos) path = std::string(kHubPrefix) + path;
  if (host.size() + 1 + path.size() > Reference::kMaxLength) {
    return InvalidArgument("host and repository have " +
                           std::to_string(host.size() + 1 + path.size()) +
                           " characters, want at most " + std::to_string(Reference::kMaxLength));
  }
  return Repository{.host = std::move(host), .path = std::move(path)};
}

}  // namespace

bool IsTag(std::string_view text) {
  return text.size() <= kMaxTagBytes &&
         All(text, [](char c) { return IsWord(c) || c == '.' || c == '-'; }) &&
         IsWord(text.front());
}

Result<Repository> Repository::Parse(std::string_view text) {
  const auto slash = text.rfind('/');
  XZGATE_ASSIGN(const auto reference, Reference::Parse(text));
  if (reference.digest() || slash == text.npos || text.find(':', slash) != text.npos)
    return InvalidArgument("want HOST/PATH of a repository, without tag or digest");
  return reference.repository();
}

std::string Repository::ApiHost() const {
  return host == kHub ? std::string(kHubApi) : host;
}

Result<Reference> Reference::Parse(std::string_view text) {
  const std::string where = "image reference " + Quote(text);
  if (IsImageId(text)) {
    return InvalidArgument(where + ": want a repository name, found an image id");
  }
  const Parts parts = Cut(text);
  auto repository = MakeRepository(parts);
  if (!repository) return Annotate(repository.error(), where);
  std::optional<std::string> tag;
  if (parts.tag) {
    if (!IsTag(*parts.tag)) return InvalidArgument(where + ": bad tag " + Quote(*parts.tag));
    tag = std::string(*parts.tag);
  }
  std::optional<Digest> digest;
  if (parts.digest) {
    auto parsed = Digest::Parse(*parts.digest);
    if (!parsed) return Annotate(parsed.error(), where);
    digest = std::move(*parsed);
  }
  if (!tag && !digest) tag = "latest";
  return Reference(std::move(*repository), std::move(tag), std::move(digest));
}

std::string Reference::ToString() const {
  std::string text = repository_.ToString();
  if (tag_) text += ":" + *tag_;
  if (digest_) text += "@" + digest_->ToString();
  return text;
}

Result<PinnedReference> PinnedReference::Parse(std::string_view text) {
  XZGATE_ASSIGN(const Reference reference, Reference::Parse(text));
  if (!reference.digest()) {
    return InvalidArgument("image reference " + Quote(text) + ": want a digest");
  }
  return PinnedReference(reference.repository(), *reference.digest());
}

}  // namespace xzgate::oci
