xzgate_fuzz(identity_fuzz LIBS xzgate::signature PkgConfig::RE2)
