xzgate_fuzz(registry_answer_fuzz LIBS xzgate::registry)
