xzgate_fuzz(challenge_fuzz LIBS xzgate::registry)
