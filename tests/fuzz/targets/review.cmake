xzgate_fuzz(review_fuzz LIBS xzgate::admission xzgate::json)
