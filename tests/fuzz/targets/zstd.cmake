if(TARGET xzgate::layer)
  xzgate_fuzz(zstd_fuzz LIBS xzgate::layer)
endif()
