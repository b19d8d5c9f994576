xzgate_fuzz(read_layer_fuzz LIBS xzgate::facts)
