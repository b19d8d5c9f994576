#pragma once

#include <string>

namespace xzgate::http {

// Where the system keeps the authorities that it trusts; either may be empty or not there.
struct SystemAuthorities {
  std::string file = {};       // PEM, all of them
  std::string directory = {};  // one a file, named by hash as c_rehash does
};

}  // namespace xzgate::http
