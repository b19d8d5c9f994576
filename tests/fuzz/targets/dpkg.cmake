if(TARGET xzgate::facts)
  xzgate_fuzz(dpkg_fuzz LIBS xzgate::facts)
endif()
