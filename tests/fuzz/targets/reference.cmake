xzgate_fuzz(reference_fuzz LIBS xzgate::oci)
