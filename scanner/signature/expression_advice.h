#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::signature {

// What to tell whoever wrote an expression for identities. Pure; thread-safe.

// The same with "[.]" for each dot that stands where names have one: between letters and digits, or
// before them behind a slash. Dots with an operator, in classes or escaped stay.
std::string WithDotsEscaped(std::string_view expression);

// For a text without operators (dots and escaped punctuation may be in it): an expression for all
// that lies below it, "https://github[.]com/acme/.*", whose last part no longer name can share. ""
// where it is no address with a path.
std::string EverythingBelow(std::string_view plain);

// Whether each identity that an RE2 expression matches whole lies at a host that it names: in URLs
// up to the slash behind it, in mail addresses behind the '@'; what is neither must not begin so
// that it may become one. A host may have parts that differ where its end is named. Errors:
// kInvalidArgument for "^https://.*$", "^https://github[.]com.*$", "^.*/acme/.*$", "^.*@.*$"; and
// where it cannot be told.
Result<void> CheckNamesHost(std::string_view expression);

}  // namespace xzgate::signature
