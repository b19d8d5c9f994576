#include "scanner/worker/facts_keys.h"

#include <cstdint>

namespace xzgate::worker {

FactsKeys MakeFactsKeys(const facts::Probes& probes, const facts::LayerLimits& limits) {
  static_assert(sizeof(facts::LayerLimits) == 5 * sizeof(std::uint64_t),
                "a new limit belongs into the name");
  FactsKeys keys{.whole = probes.Version(), .cut = probes.Version()};
  for (const std::uint64_t limit :
       {limits.max_unpacked_bytes, limits.max_ratio, limits.ratio_free_bytes, limits.max_entries,
        limits.max_database_bytes}) {
    keys.cut += "/" + std::to_string(limit);
  }
  return keys;
}

}  // namespace xzgate::worker
