#pragma once

#include "base/result.h"
#include "scanner/store/sqlite_database.h"

namespace xzgate::store {

// Brings a database to the newest schema, step by step, each in a transaction; an empty file
// becomes a new store. Errors: kUnsupported when a newer xzgate wrote it; those of Database.
Result<void> Migrate(Database& database);

// How many steps there are: the newest schema's number (PRAGMA user_version).
int SchemaVersion();

}  // namespace xzgate::store
