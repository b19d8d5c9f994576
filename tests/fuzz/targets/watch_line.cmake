xzgate_fuzz(watch_line_fuzz LIBS xzgate::kube)
