xzgate_fuzz(framing_fuzz LIBS xzgate::server)
