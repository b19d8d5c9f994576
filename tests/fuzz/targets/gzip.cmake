if(TARGET xzgate::layer)
  xzgate_fuzz(gzip_fuzz LIBS xzgate::layer)
endif()
