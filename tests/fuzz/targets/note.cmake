xzgate_fuzz(note_fuzz LIBS xzgate::signature)
