xzgate_fuzz(merged_tree_fuzz LIBS xzgate::layer)
