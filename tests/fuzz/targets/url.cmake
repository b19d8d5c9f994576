xzgate_fuzz(url_fuzz LIBS xzgate::http)
