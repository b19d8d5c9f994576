if(TARGET xzgate::layer)
  xzgate_fuzz(tar_fuzz LIBS xzgate::layer)
endif()
