#pragma once

#include <string>

#include "base/clock.h"
#include "scanner/oci/reference.h"

namespace xzgate::store {

// One workload that asked for an image.
struct Sighting {
  std::string image;      // pinned reference
  std::string reference;  // as the pod says
  std::string workload;   // "pods/shop/api-7d9f"
  std::string namespace_name;
  WallTime when;
};

// An image that somebody asked for.
struct SeenImage {
  oci::PinnedReference image;
  WallTime last;
};

}  // namespace xzgate::store
