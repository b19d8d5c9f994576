xzgate_fuzz(json_fuzz LIBS xzgate::json)
