#include "webhook/server/certificate_source.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/byte_source.h"
#include "base/secret_string.h"
#include "base/text.h"
#include "webhook/server/certificate_pair.h"

namespace xzgate::server {
namespace {

constexpr std::chrono::seconds kRetryAfter{30};
constexpr int kTries = 3;  // reads of a pair whose files change under our hands

// Changes whenever the file behind `path` does, also when it appears or goes away.
std::string Fingerprint(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return "errno " + std::to_string(errno);
  std::string print;
  for (const auto number :
       {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
        static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_mtim.tv_sec),
        static_cast<std::uint64_t>(info.st_mtim.tv_nsec)}) {
    print += std::to_string(number) + " ";
  }
  return print;
}

Result<SecretString> ReadPem(const std::string& path) {
  XZGATE_ASSIGN(std::string bytes, ReadFile(path, kMaxPemBytes));
  return SecretString(std::move(bytes));
}

}  // namespace

CertificateSource::CertificateSource(Files files, const Clock& clock, log::Logger& logger)
    : files_(std::move(files)), clock_(clock), logger_(logger) {}

bool CertificateSource::Refresh() {
  const auto look = [this] { return Fingerprint(files_.certificate) + Fingerprint(files_.key); };
  std::string now = look();
  bool has_changed = now != seen_;
  if (!has_changed && !retry_.HasPassed(clock_.Now())) return false;
  Result<void> loaded;
  // A swap between the reading of both files gives a pair that does not fit: then read again.
  for (int tries = 0; tries < kTries; ++tries) {
    seen_ = now;
    loaded = Load();
    now = look();
    if (now == seen_) break;
    has_changed = true;
  }
  if (!loaded) {
    Refused(loaded.error(), has_changed);
    return false;
  }
  retry_ = Deadline::Never();
  return true;
}

Result<void> CertificateSource::Load() {
  XZGATE_ASSIGN(const SecretString certificate, ReadPem(files_.certificate));
  XZGATE_ASSIGN(const SecretString key, ReadPem(files_.key));
  const std::string names =
      "certificate " + Quote(files_.certificate) + " with key " + Quote(files_.key);
  const auto pair = ParseCertificatePair(certificate.Reveal(), key.Reveal(), clock_.WallNow());
  if (!pair) return Annotate(pair.error(), names);
  auto context = MakeServerContext(*pair);
  if (!context) return Annotate(context.error(), names);
  {
    const std::lock_guard lock(mutex_);
    context_ = std::move(*context);
    state_.loaded = true;
    state_.not_after = pair->not_after;
    state_.last_error.clear();
    ++state_.loads;
  }
  logger_.Info("certificate loaded",
               {{"file", files_.certificate}, {"not_after", ToRfc3339(pair->not_after)}});
  return {};
}

void CertificateSource::Refused(const Error& error, bool has_changed) {
  retry_ = Deadline::After(clock_.Now(), kRetryAfter);
  bool is_new = false;
  bool keeps_old = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = state_.last_error != error.message();
    keeps_old = state_.loaded;
    state_.last_error = error.message();
    if (has_changed) ++state_.failures;
  }
  if (!is_new) return;
  // Without an old one nobody can be served.
  if (keeps_old) {
    logger_.Warning("certificate refused, the old one stays in use", {{"error", error.message()}});
  } else {
    logger_.Error("no certificate: not ready until the files are good",
                  {{"error", error.message()}});
  }
}

std::shared_ptr<ssl_ctx_st> CertificateSource::Current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

CertificateState CertificateSource::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

}  // namespace xzgate::server
