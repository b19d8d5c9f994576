xzgate_fuzz(tar_fuzz LIBS xzgate::layer)
