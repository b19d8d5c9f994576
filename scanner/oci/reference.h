#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scanner/oci/digest.h"

namespace xzgate::oci {

// A repository in normalised form: Docker Hub's short names carry "docker.io" and "library/". A
// value.
struct Repository {
  std::string host;  // with port, as written but lower-cased: "docker.io", "reg.example:5000",
                     // "[2001:db8::1]:5000"
  std::string path;  // "library/debian"

  // "reg.example/shop/api", as a reference without tag and digest, and with a host. Errors: those
  // of Reference::Parse; kInvalidArgument.
  static Result<Repository> Parse(std::string_view text);

  std::string ToString() const { return host + "/" + path; }
  // The host to connect to: Docker Hub's API lives at registry-1.docker.io.
  std::string ApiHost() const;

  auto operator<=>(const Repository&) const = default;
};

// Whether `text` is a tag by the grammar of distribution's `reference` package.
bool IsTag(std::string_view text);

// What a pod says: a repository plus tag and/or digest, by the grammar of distribution's
// `reference` package (distribution/reference, reference.go), with Docker Hub normalisation. A
// value.
class Reference {
 public:
  static constexpr std::size_t kMaxLength = 255;  // of host and path together, as in that grammar

  // "debian" -> docker.io/library/debian:latest; "index.docker.io" -> docker.io;
  // "reg:5000/a/b@sha256:..." and so on. Where neither tag nor digest is given the tag is "latest".
  // Errors: kInvalidArgument (grammar, upper case in the path, length), kUnsupported (digest
  // algorithm).
  static Result<Reference> Parse(std::string_view text);

  const Repository& repository() const { return repository_; }
  const std::optional<std::string>& tag() const { return tag_; }
  const std::optional<Digest>& digest() const { return digest_; }

  // Normalised and complete: "docker.io/library/debian:latest". Parse(ToString()) gives an equal
  // value.
  std::string ToString() const;

  auto operator<=>(const Reference&) const = default;

 private:
  Reference(Repository repository, std::optional<std::string> tag, std::optional<Digest> digest)
      : repository_(std::move(repository)), tag_(std::move(tag)), digest_(std::move(digest)) {}

  Repository repository_;
  std::optional<std::string> tag_;
  std::optional<Digest> digest_;
};

// Repository plus digest: the only thing that is scanned, verified or stored. A value. It says
// which content is meant, not that anyone has seen it: whoever has a digest may make one, and bytes
// fetched under it count only once they match (VerifiedBytes).
class PinnedReference {
 public:
  PinnedReference(Repository repository, Digest digest)
      : repository_(std::move(repository)), digest_(std::move(digest)) {}

  // Reads what ToString writes. Errors: kInvalidArgument, also where there is no digest.
  static Result<PinnedReference> Parse(std::string_view text);

  const Repository& repository() const { return repository_; }
  const Digest& digest() const { return digest_; }
  std::string ToString() const { return repository_.ToString() + "@" + digest_.ToString(); }

  auto operator<=>(const PinnedReference&) const = default;

 private:
  Repository repository_;
  Digest digest_;
};

}  // namespace xzgate::oci
