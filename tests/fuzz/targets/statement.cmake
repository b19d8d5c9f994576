xzgate_fuzz(statement_fuzz LIBS xzgate::signature)
