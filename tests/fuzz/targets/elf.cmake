xzgate_fuzz(elf_fuzz LIBS xzgate::facts)
