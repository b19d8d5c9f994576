#include "cmd/verify_command.h"

#include <cstdio>

#include "cmd/exit_code.h"
#include "cmd/local_path.h"
#include "cmd/verify_file.h"
#include "cmd/verify_text.h"
#include "scanner/registry/layout_reference.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kCommand = "verify";

int RunOnFile(const VerifyFlags& flags, const std::vector<std::string>& targets) {
  const auto refuse = [](std::string message) {
    return UsageError(kCommand, Error(ErrorCode::kInvalidArgument, std::move(message)));
  };
  if (targets.size() != 1)
    return refuse("--bundle: want one file, or sha256:HEX, found " +
                  std::to_string(targets.size()));
  if (!flags.policies.empty())
    return refuse("--bundle and --policy exclude each other: policies are about images");
  if (flags.namespace_name) return refuse("--bundle: --namespace is about images");
  if (!flags.signer.signature_repository.empty())
    return refuse("--bundle: --signature-repository is about images");
  if (!flags.signer.annotations.empty()) return refuse("--bundle: --annotation is about images");
  if (flags.signer.attestations.size() > 1)
    return refuse("--bundle: want one --attestation at most, a bundle holds one statement");
  const SystemClock clock;
  const auto file = VerifyFile(flags, targets.front(), clock);
  if (!file) return UsageError(kCommand, file.error());
  const bool as_json = flags.format == OutputFormat::kJson;
  std::fputs((as_json ? VerifyJson(*file) : VerifyTable(*file)).c_str(), stdout);
  return ExitCodeOf(*file);
}

Result<void> CheckName(const std::string& name) {
  XZGATE_RETURN_IF_ERROR(CheckMeansImage(name));
  if (!registry::LayoutReference::IsLayout(name))
    XZGATE_RETURN_IF_ERROR(oci::Reference::Parse(name));
  return {};
}

}  // namespace

int RunVerify(const VerifyFlags& flags, const std::vector<std::string>& targets) {
  if (!flags.bundle.empty()) return RunOnFile(flags, targets);
  for (const auto& name : targets) {
    if (const auto checked = CheckName(name); !checked)
      return UsageError(kCommand, checked.error());
  }
  const SystemClock clock;
  const auto logger = log::MakeStderrLogger(log::Format::kText, log::Level::kError);
  const auto session = VerifySession::Create(flags, clock, *logger);
  if (!session) return UsageError(kCommand, session.error());
  std::vector<VerifiedImage> images;
  for (const auto& name : targets) {
    auto image = (*session)->Verify(name);
    if (!image) return UsageError(kCommand, image.error());
    images.push_back(std::move(*image));
  }
  const bool as_json = flags.format == OutputFormat::kJson;
  std::fputs((as_json ? VerifyJson(images) : VerifyTable(images)).c_str(), stdout);
  for (const auto& image : images) {
    if (!image.pinned) PrintHint(kCommand, image.name);
  }
  return ExitCodeOf(images, flags.must_verify);
}

}  // namespace xzgate::cmd
