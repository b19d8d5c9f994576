#pragma once

#include <vector>

#include "base/json/value.h"
#include "scanner/signature/verified.h"

namespace xzgate::signature {

// The steps of one attempt as reports show them: a list of {name, held, detail}.
json::Value StepsToJson(const std::vector<Step>& steps);

}  // namespace xzgate::signature
