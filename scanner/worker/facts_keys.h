#pragma once

#include <string>

#include "scanner/facts/read_layer.h"

namespace xzgate::worker {

// The names under which facts of a layer are stored. A value.
struct FactsKeys {
  std::string whole;  // read to the end: true whatever the limits are
  std::string cut;    // something was not read: other limits, which the name holds, may show more
};

// Names what the extractors (facts::Probes::Version) and the limits make of a layer.
FactsKeys MakeFactsKeys(const facts::Probes& probes, const facts::LayerLimits& limits);

}  // namespace xzgate::worker
