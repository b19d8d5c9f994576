#include "webhook/kube/token_source.h"

#include <algorithm>
#include <utility>

#include "base/byte_source.h"
#include "base/text.h"

namespace xzgate::kube {
namespace {

// Visible ASCII (RFC 6750, section 2.1 has even less), with white space around it at most.
Result<std::string_view> CheckToken(std::string_view text, std::string_view what) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  const bool is_visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  if (text.empty() || !is_visible || text.size() > kMaxTokenBytes) {
    return InvalidArgument(std::string(what) + ": want one token of visible characters, at most " +
                           std::to_string(kMaxTokenBytes) + " bytes");
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<TokenSource>> TokenSource::Fixed(SecretString token) {
  XZGATE_ASSIGN(const std::string_view checked, CheckToken(token.Reveal(), "token"));
  std::unique_ptr<TokenSource> made(new TokenSource("", nullptr));
  made->token_ = SecretString(std::string(checked));
  return made;
}

Result<std::unique_ptr<TokenSource>> TokenSource::FromFile(std::string path, const Clock& clock) {
  std::unique_ptr<TokenSource> made(new TokenSource(std::move(path), &clock));
  XZGATE_RETURN_IF_ERROR(made->Read());
  return made;
}

SecretString TokenSource::Get() {
  const std::lock_guard lock(mutex_);
  if (!path_.empty() && clock_->Now() - read_at_ >= kTokenFileAge) (void)Read();
  return token_.Clone();
}

bool TokenSource::Renew(std::string_view refused) {
  const std::lock_guard lock(mutex_);
  if (!path_.empty()) (void)Read();
  return token_.Reveal() != refused;
}

std::optional<std::string> TokenSource::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

Result<void> TokenSource::Read() {
  read_at_ = clock_->Now();
  auto text = ReadFile(path_, kMaxTokenBytes + 2);
  if (!text) {
    trouble_ = text.error().message();
    return Annotate(text.error(), "token file");
  }
  const SecretString owner(std::move(*text));
  auto token = CheckToken(owner.Reveal(), "token file " + Quote(path_));
  if (!token) {
    trouble_ = token.error().message();
    return std::unexpected(token.error());
  }
  token_ = SecretString(std::string(*token));
  trouble_.reset();
  return {};
}

}  // namespace xzgate::kube
