xzgate_fuzz(zstd_fuzz LIBS xzgate::layer)
