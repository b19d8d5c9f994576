xzgate_fuzz(facts_codec_fuzz LIBS xzgate::facts)
