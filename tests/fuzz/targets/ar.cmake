xzgate_fuzz(ar_fuzz LIBS xzgate::facts)
