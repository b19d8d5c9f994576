#pragma once

#include <string>
#include <vector>

#include "scanner/rules/evidence.h"
#include "scanner/rules/image_view.h"

namespace xzgate::rules {

// Adds a note (E16) for each variable of the image's environment that makes the loader take a copy
// of the library: LD_PRELOAD and LD_LIBRARY_PATH (ld.so(8)). Pure.
void AddEnvironmentNotes(const oci::ImageConfig& config, const RulePack& pack,
                         const ImageView& view, const std::vector<FileFinding>& files,
                         std::vector<std::string>& notes);

}  // namespace xzgate::rules
