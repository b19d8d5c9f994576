xzgate_fuzz(der_fuzz LIBS xzgate::signature)
