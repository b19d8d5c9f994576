xzgate_fuzz(timestamp_fuzz LIBS xzgate::signature xzgate::test_signing)
