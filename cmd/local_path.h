#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::cmd {

// Words of the command line that stand where an image is wanted, and may mean something on this
// machine. Both look at the disk and never at the network.

// Refuses what nobody means as an image: a path ("./layout", "/tmp/x"), the name of a manifest
// ("pod.yaml"), a name with a scheme ("docker://debian"); and "oci:DIR" without a layout in DIR.
// Errors: kInvalidArgument saying what is there and how to ask for it, kNotFound when nothing is.
Result<void> CheckMeansImage(const std::string& word);

// For an image that was not found: a line about the file or folder of the same name; absent when
// there is none.
std::optional<std::string> HintOf(const std::string& word);

// The same on standard error, as a note of `xzgate COMMAND`: a person who forgot "oci:" would else
// only read that no registry knows the image.
void PrintHint(std::string_view command, const std::string& word);

}  // namespace xzgate::cmd
