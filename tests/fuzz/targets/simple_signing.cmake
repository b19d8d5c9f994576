xzgate_fuzz(simple_signing_fuzz LIBS xzgate::signature)
