xzgate_fuzz(response_head_fuzz LIBS xzgate::http)
