xzgate_fuzz(apk_fuzz LIBS xzgate::facts)
