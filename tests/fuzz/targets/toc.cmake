xzgate_fuzz(toc_fuzz LIBS xzgate::facts PkgConfig::ZSTD ZLIB::ZLIB)
