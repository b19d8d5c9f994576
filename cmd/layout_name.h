#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "scanner/oci/digest.h"
#include "scanner/registry/layout_reference.h"
#include "scanner/registry/oci_layout.h"
#include "scanner/rules/report.h"

namespace xzgate::cmd {

// An OCI layout as it is named at the command line: "oci:DIR", "oci:DIR:TAG", "oci:DIR@DIGEST". A
// value.
struct LayoutName {
  registry::LayoutReference reference;
  std::optional<oci::Digest> digest;  // of an image in it; then there is no tag

  // "@sha256:" and "@sha512:" begin a digest; a folder of such a name cannot be named. Errors:
  // kInvalidArgument.
  static Result<LayoutName> Parse(const std::string& text);

  // Whether there is a layout at all; what is in it shows when it is read. Error: kNotFound.
  Result<void> CheckExists() const;
};

// Adds to each platform of `report`, of a whole layout, a note with the names that the layout's
// index gives its image: else nobody knows which tag is the bad one. Reads the indexes that stand
// in the layout's own, at most kMaxNamedIndexes of them.
inline constexpr std::size_t kMaxNamedIndexes = 64;
void NoteNames(registry::OciLayout& layout, rules::Report& report);

}  // namespace xzgate::cmd
