#pragma once

#include <memory>
#include <string>

#include "base/log/logger.h"
#include "base/result.h"
#include "scanner/store/store.h"

namespace xzgate::cmd {

// The store that --store names, made where there is none; "" is one in memory, which keeps nothing.
// A damaged store is set aside and replaced. Errors, each naming the flag: kInvalidArgument for a
// file that never was a store (a typing error, and somebody's image), those of SqliteStore::Open.
Result<std::unique_ptr<store::Store>> OpenStore(const std::string& path, log::Logger& logger);

}  // namespace xzgate::cmd
