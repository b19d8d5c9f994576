#include "scanner/layer/tar_extras.h"

#include <utility>

namespace xzgate::layer {

bool IsSpecialTarType(char type) {
  return type == kTypePax || type == kTypePaxGlobal || type == kTypeGnuLongName ||
         type == kTypeGnuLongLink;
}

bool IsPaxSparse(const PaxFields& pax) {
  if (pax.sparse_major == "0") return pax.sparse_minor == "0" || pax.sparse_minor == "1";
  if (pax.sparse_major == "1") return pax.sparse_minor == "0";
  return pax.sparse_major.empty() && pax.sparse_minor.empty() && !pax.sparse_map.empty();
}

bool TarExtras::IsPending() const {
  return !pax.HasNothing() || !long_name.empty() || !long_link.empty();
}

Result<bool> TarExtras::Add(char type, std::string_view body, const TarLimits& limits) {
  if (type == kTypeGnuLongName || type == kTypeGnuLongLink) {
    (type == kTypeGnuLongName ? long_name : long_link) = ParseTarText(AsBytes(body));
    return true;
  }
  if (type == kTypePax) {
    XZGATE_ASSIGN(pax, ParsePax(body, limits));
    return true;
  }
  if (type != kTypePaxGlobal) return false;
  // Go hands a global header to its caller, forgets what came before it, and the runtimes ignore
  // it; so what it says of names and sizes is not true of the tree that will run.
  XZGATE_ASSIGN(const PaxFields global, ParsePax(body, limits));
  *this = {};
  if (!global.HasNothing()) {
    oddity = "a global pax header names a path or a size, which runtimes ignore";
  }
  return true;
}

void TarExtras::Apply(TarHeader& header) {
  if (!pax.path.empty()) header.name = pax.path;
  if (!pax.linkpath.empty()) header.link = pax.linkpath;
  if (!long_name.empty()) header.name = long_name;
  if (!long_link.empty()) header.link = long_link;
  if (pax.size) {
    // CVE-2025-62518: a reader that believes the header sees other entries than one that believes
    // pax.
    if (header.size != 0 && header.size != *pax.size) oddity = "pax and header size differ";
    header.size = *pax.size;
  }
  // Version 7 had no type for directories.
  if (header.type == kTypeOldFile && header.name.ends_with('/')) header.type = kTypeDirectory;
  if (IsPaxSparse(pax) && !pax.sparse_name.empty()) header.name = pax.sparse_name;
}

}  // namespace xzgate::layer
