xzgate_fuzz(certificate_fuzz LIBS xzgate::signature)
