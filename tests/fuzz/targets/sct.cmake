xzgate_fuzz(sct_fuzz LIBS xzgate::signature xzgate::test_signing)
