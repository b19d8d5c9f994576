xzgate_fuzz(rule_pack_fuzz LIBS xzgate::rules)
