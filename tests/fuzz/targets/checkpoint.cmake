xzgate_fuzz(checkpoint_fuzz LIBS xzgate::signature)
