xzgate_fuzz(gzip_fuzz LIBS xzgate::layer)
