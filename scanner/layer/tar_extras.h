#pragma once

#include <string>

#include "scanner/layer/tar_header.h"
#include "scanner/layer/tar_pax.h"

namespace xzgate::layer {

// Typeflags (POSIX.1 pax; GNU tar's tar.h).
inline constexpr char kTypeOldFile = '\0';
inline constexpr char kTypeFile = '0';
inline constexpr char kTypeHardLink = '1';
inline constexpr char kTypeSymlink = '2';
inline constexpr char kTypeDirectory = '5';
inline constexpr char kTypeFifo = '6';
inline constexpr char kTypeContiguous = '7';
inline constexpr char kTypeGnuSparse = 'S';
inline constexpr char kTypePax = 'x';
inline constexpr char kTypePaxGlobal = 'g';
inline constexpr char kTypeGnuLongName = 'L';
inline constexpr char kTypeGnuLongLink = 'K';

// What the special entries in front of an entry say about it. A value.
struct TarExtras {
  PaxFields pax;
  std::string long_name;
  std::string long_link;
  std::string oddity;

  bool IsPending() const;  // an entry must follow

  // Takes the body of a special entry in; false when `type` is an ordinary one. Errors of ParsePax.
  Result<bool> Add(char type, std::string_view body, const TarLimits& limits);

  // Puts name, link and size into `header` in the order of Go's reader, which containerd, CRI-O and
  // Docker unpack with: pax over the header, GNU's long names over pax, GNU's sparse name over all.
  void Apply(TarHeader& header);
};

bool IsSpecialTarType(char type);

// Whether the pax records describe a sparse file in a format that is known.
bool IsPaxSparse(const PaxFields& pax);

}  // namespace xzgate::layer
