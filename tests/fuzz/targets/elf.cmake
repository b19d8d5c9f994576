if(TARGET xzgate::facts)
  xzgate_fuzz(elf_fuzz LIBS xzgate::facts)
endif()
