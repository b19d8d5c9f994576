xzgate_fuzz(yaml_fuzz LIBS xzgate::yaml)
