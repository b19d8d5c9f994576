xzgate_fuzz(dpkg_fuzz LIBS xzgate::facts)
