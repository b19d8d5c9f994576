xzgate_fuzz(entry_log_fuzz LIBS xzgate::layer PkgConfig::ZSTD)
