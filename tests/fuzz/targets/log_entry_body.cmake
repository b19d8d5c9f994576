xzgate_fuzz(log_entry_body_fuzz LIBS xzgate::signature)
