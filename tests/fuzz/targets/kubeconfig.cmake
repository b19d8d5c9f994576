xzgate_fuzz(kubeconfig_fuzz LIBS xzgate::kube)
