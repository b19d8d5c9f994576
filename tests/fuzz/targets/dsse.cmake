xzgate_fuzz(dsse_fuzz LIBS xzgate::signature)
