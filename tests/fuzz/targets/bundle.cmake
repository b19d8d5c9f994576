xzgate_fuzz(bundle_fuzz LIBS xzgate::signature)
