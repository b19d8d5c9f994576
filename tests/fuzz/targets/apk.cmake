if(TARGET xzgate::facts)
  xzgate_fuzz(apk_fuzz LIBS xzgate::facts)
endif()
