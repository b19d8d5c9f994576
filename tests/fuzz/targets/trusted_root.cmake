xzgate_fuzz(trusted_root_fuzz LIBS xzgate::signature)
