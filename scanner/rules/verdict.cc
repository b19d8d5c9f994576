#include "scanner/rules/verdict.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scanner/rules/describe.h"

namespace xzgate::rules {
namespace {

struct Case {
  const Findings& found;
  const ImageFacts& image;
  const RulePack& pack;
};
using Rule = std::optional<Conclusion> (*)(const Case&);

std::string Place(const Case& c, std::size_t layer) {
  return "layer " + std::to_string(layer + 1) + " of " + std::to_string(c.image.layers.size());
}

// The first package of this meaning, preferring libraries over tools.
const PackageFinding* FindPackage(const Case& c, PackageClass meaning) {
  const PackageFinding* best = nullptr;
  for (const PackageFinding& package : c.found.packages) {
    if (package.meaning != meaning) continue;
    if (best == nullptr || (package.is_active_library && !best->is_active_library)) {
      best = &package;
    }
  }
  return best;
}

const FileFinding* FindFile(const Case& c, bool (*wanted)(const FileFinding&)) {
  const auto found = std::find_if(c.found.files.begin(), c.found.files.end(), wanted);
  return found == c.found.files.end() ? nullptr : &*found;
}

// What a developer should do: the package rule that speaks about the image knows best.
std::string Fix(const Case& c) {
  const PackageFinding* package = FindPackage(c, PackageClass::kBadActive);
  if (package == nullptr) package = FindPackage(c, PackageClass::kBadVersion);
  if (package == nullptr) package = FindPackage(c, PackageClass::kAdvisory);
  return package != nullptr ? package->rule->fix : c.pack.fix;
}

Conclusion Finding(const Case& c, Verdict verdict, std::string detail) {
  return {.verdict = verdict, .cause = Cause::kNone, .detail = std::move(detail), .fix = Fix(c)};
}

// Rule 1: E1 or E2 in the merged view.
std::optional<Conclusion> BadFile(const Case& c) {
  const auto* file = FindFile(c, [](const FileFinding& f) { return f.IsVisible() && f.IsBad(); });
  if (file == nullptr) return std::nullopt;
  return Finding(c, Verdict::kAffected,
                 std::string(file->has_payload ? "the payload's code is in "
                                               : "a file known to be backdoored is ") +
                     Escape(file->paths.front()) + file->MemberSuffix() + " (" +
                     Place(c, file->layer) + ")");
}

// Rule 1, by digest alone: E3 on the manifest, or on a layer that was not read and that no fixed
// package above speaks for.
std::optional<Conclusion> KnownImage(const Case& c) {
  const bool upgraded =
      std::any_of(c.found.packages.begin(), c.found.packages.end(),
                  [](const PackageFinding& package) { return package.IsFixed(); });
  for (const KnownDigest& known : c.found.known) {
    if (known.is_manifest) {
      return Finding(
          c, Verdict::kAffected,
          "the manifest is one of the images known to be backdoored: " + known.known->what);
    }
    if (!known.was_read && !upgraded) {
      return Finding(
          c, Verdict::kAffected,
          Place(c, known.layer) + " is known to hold the backdoored library: " + known.known->what);
    }
  }
  return std::nullopt;
}

// How far the files of an active package's library were read.
struct LibraryState {
  bool found = false;
  bool unreadable = false;
  bool bad_version = false;
  std::string path;
  std::string other_version;
};

LibraryState StateOf(const PackageFinding& package, const Case& c) {
  LibraryState state;
  for (const FileFinding* file : LibraryFilesOf(package, c.found, c.pack)) {
    state.found = true;
    state.path = file->paths.front();
    if (!file->incomplete.empty()) state.unreadable = true;
    if (file->is_bad_version) state.bad_version = true;
    if (file->constant && !file->is_bad_version) {
      state.other_version = VersionOfConstant(*file->constant);
    }
  }
  return state;
}

// Rule 2: E6, and the library is absent or was not read.
std::optional<Conclusion> ActivePackage(const Case& c) {
  for (const PackageFinding& package : c.found.packages) {
    if (package.meaning != PackageClass::kBadActive) continue;
    const LibraryState state = StateOf(package, c);
    if (state.found && !state.unreadable) continue;
    return Finding(c, Verdict::kAffected,
                   "the package database says " + DescribePackage(package) + ", and its library " +
                       (state.found ? "could not be read to the end" : "was not found"));
  }
  return std::nullopt;
}

// Rule 3: behind tar's end marker there is what would be a finding before it.
std::optional<Conclusion> BehindTheEnd(const Case& c) {
  const auto* file = FindFile(
      c, [](const FileFinding& f) { return f.file->after_end && (f.IsBad() || f.is_bad_version); });
  if (file == nullptr) return std::nullopt;
  return Finding(c, Verdict::kSuspicious,
                 Escape(file->file->path) + " lies behind the end marker of " +
                     Place(c, file->layer) + " and holds " +
                     (file->IsBad() ? "the payload's code" : "a backdoored release"));
}

// Rule 3: the digest promises a bad file that nobody saw in the layer.
std::optional<Conclusion> BrokenPromise(const Case& c) {
  for (const KnownDigest& known : c.found.known) {
    if (known.is_manifest || !known.was_read || known.bad_file_seen) continue;
    return Finding(c, Verdict::kSuspicious,
                   Place(c, known.layer) + " is known to hold the backdoored library (" +
                       known.known->what + "), yet the payload's code was not found in it");
  }
  return std::nullopt;
}

// Rule 3: E6, and the library that was read is of another version.
std::optional<Conclusion> DatabaseDisagrees(const Case& c) {
  for (const PackageFinding& package : c.found.packages) {
    if (package.meaning != PackageClass::kBadActive) continue;
    const LibraryState state = StateOf(package, c);
    if (state.bad_version) continue;
    const std::string version =
        state.other_version.empty() ? "of no readable version" : state.other_version;
    return Finding(c, Verdict::kSuspicious,
                   "the package database says " + DescribePackage(package) + ", but " +
                       Escape(state.path) + " is " + version);
  }
  return std::nullopt;
}

// Rule 3: E9 with IFUNC on x86-64, owned by nobody, and its code was not read to the end.
std::optional<Conclusion> UnreadOrphan(const Case& c) {
  const auto* file = FindFile(c, [](const FileFinding& f) {
    return f.IsVisible() && f.is_bad_version && f.is_ifunc && f.is_payload_machine &&
           f.owners.empty() && !f.incomplete.empty();
  });
  if (file == nullptr) return std::nullopt;
  return Finding(c, Verdict::kSuspicious,
                 Escape(file->paths.front()) + " is " + VersionOfConstant(*file->constant) +
                     ", no package owns it, and it could not be read to the end");
}

// Rule 3: Debian's 5.5.x range where the payload would be active, library not read.
std::optional<Conclusion> AdvisoryUnread(const Case& c) {
  for (const PackageFinding& package : c.found.packages) {
    if (package.meaning != PackageClass::kAdvisory || !package.is_active_library) continue;
    const LibraryState state = StateOf(package, c);
    if (state.found && !state.unreadable) continue;
    return Finding(
        c, Verdict::kSuspicious,
        DescribePackage(package) + " is in the advisory's range, and its library was not read");
  }
  return std::nullopt;
}

// Whether only its name speaks about the version of a library, and nothing explains the name.
bool IsUnexplainedName(const FileFinding& file) {
  return file.IsVisible() && file.is_library && file.name_claims_bad && !file.constant &&
         !file.is_explained;
}

// Rule 3: a name of a bad release (E11) on a file whose content could not speak for itself.
std::optional<Conclusion> NameOnly(const Case& c) {
  for (const NameFinding& name : c.found.names) {
    if (name.incomplete.empty()) continue;
    return Finding(c, Verdict::kSuspicious,
                   Escape(name.path) + " is named like a backdoored release and could not be read");
  }
  const auto* file = FindFile(c, [](const FileFinding& f) {
    return IsUnexplainedName(f) && (f.is_payload_machine || !f.incomplete.empty());
  });
  if (file == nullptr) return std::nullopt;
  return Finding(c, Verdict::kSuspicious,
                 Escape(file->paths.front()) +
                     " is named like a backdoored release, and its version could not be read");
}

// Rule 4: E6 with a library of that version that was read and holds no payload.
std::optional<Conclusion> ActivePackageCleanFile(const Case& c) {
  const auto* package = FindPackage(c, PackageClass::kBadActive);
  if (package == nullptr) return std::nullopt;
  return Finding(c, Verdict::kAffectedVersion,
                 DescribePackage(*package) +
                     " is a backdoored release; its library was read and holds no payload");
}

// Rule 4: E7.
std::optional<Conclusion> BadVersion(const Case& c) {
  const auto* package = FindPackage(c, PackageClass::kBadVersion);
  if (package == nullptr) return std::nullopt;
  // A tool of an active build: the payload is in the library only.
  const bool is_tool = IsActiveArchitecture(package->package->architecture, *package->rule);
  return Finding(
      c, Verdict::kAffectedVersion,
      DescribePackage(*package) +
          " is a backdoored release; no payload is expected in this build: " +
          (is_tool ? "the package does not carry the library" : package->rule->inactive_reason));
}

// Rule 4: E9 on a file that no clean rebuild owns; or, where the payload cannot run, E11.
std::optional<Conclusion> BadVersionFile(const Case& c) {
  const auto* file = FindFile(
      c, [](const FileFinding& f) { return f.IsVisible() && f.is_bad_version && !f.is_explained; });
  if (file != nullptr) {
    return Finding(c, Verdict::kAffectedVersion,
                   Escape(file->paths.front()) + " is " + VersionOfConstant(*file->constant) +
                       ", a backdoored release; it holds no payload");
  }
  file = FindFile(c, IsUnexplainedName);
  if (file == nullptr) return std::nullopt;
  return Finding(c, Verdict::kAffectedVersion,
                 Escape(file->paths.front()) +
                     " is named like a backdoored release; the payload is for another machine");
}

// Rule 4: Debian's 5.5.x range, library read or payload not expected.
std::optional<Conclusion> Advisory(const Case& c) {
  const auto* package = FindPackage(c, PackageClass::kAdvisory);
  if (package == nullptr) return std::nullopt;
  return Finding(c, Verdict::kAffectedVersion,
                 DescribePackage(*package) + " is in the advisory's range; no payload is known");
}

// Rule 5: E17.
std::optional<Conclusion> Incomplete(const Case& c) {
  if (c.found.incomplete.empty()) return std::nullopt;
  const auto unread = std::find_if(c.found.incomplete.begin(), c.found.incomplete.end(),
                                   [](const IncompleteFinding& i) { return i.whole_layer_unread; });
  const bool whole = unread != c.found.incomplete.end();
  const Cause cause = whole ? c.image.unread_cause : Cause::kUnreadable;
  return Conclusion{.verdict = Verdict::kUnknown,
                    .cause = cause == Cause::kNone ? Cause::kUnreadable : cause,
                    .detail = DescribeIncomplete(whole ? *unread : c.found.incomplete.front(),
                                                 c.image.layers.size()),
                    .fix = {}};
}

// Rule 6: E8, and every library that was read is free of the payload (else rule 1).
std::optional<Conclusion> FixedByDistro(const Case& c) {
  const auto* package = FindPackage(c, PackageClass::kFixedOlder);
  const bool older = package != nullptr;
  if (package == nullptr) package = FindPackage(c, PackageClass::kFixedRebuild);
  if (package == nullptr) return std::nullopt;
  return Conclusion{.verdict = Verdict::kFixedByDistro,
                    .cause = Cause::kNone,
                    .detail = DescribePackage(*package) + " is the distribution's fixed build: " +
                              (older ? "really an older release"
                                     : "the same release, rebuilt from clean sources"),
                    .fix = {}};
}

constexpr std::array<Rule, 15> kRules{
    BadFile,           KnownImage,     ActivePackage,  BehindTheEnd, BrokenPromise,
    DatabaseDisagrees, UnreadOrphan,   AdvisoryUnread, NameOnly,     ActivePackageCleanFile,
    BadVersion,        BadVersionFile, Advisory,       Incomplete,   FixedByDistro};

}  // namespace

Conclusion Decide(const Findings& findings, const ImageFacts& image, const RulePack& pack) {
  const Case c{findings, image, pack};
  for (const Rule rule : kRules) {
    if (auto conclusion = rule(c)) return *std::move(conclusion);
  }
  return {.verdict = Verdict::kClean,
          .cause = Cause::kNone,
          .detail = image.layers.empty() ? "the image has no layers"
                                         : "every layer was read and nothing was found",
          .fix = {}};
}

}  // namespace xzgate::rules
