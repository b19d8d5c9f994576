xzgate_fuzz(manifest_fuzz LIBS xzgate::oci)
