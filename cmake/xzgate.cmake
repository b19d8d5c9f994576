# Helpers that every room uses, and the one interface target that carries the compiler flags.

option(XZGATE_TESTS "build the tests" ON)
option(XZGATE_BENCH "build the benchmarks" OFF)
option(XZGATE_WERROR "warnings are errors" OFF)
option(XZGATE_HARDEN "hardening flags of a release" OFF)
option(XZGATE_FUZZ "link fuzz targets with libFuzzer (clang)" OFF)
set(XZGATE_SANITIZE "" CACHE STRING "value of -fsanitize=, empty for none")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(XZGATE_CCACHE ccache)
if(XZGATE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Relative paths in the cache's keys: a fresh clone in another folder finds what this one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
      CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros "${XZGATE_CCACHE}")
endif()

add_library(xzgate_flags INTERFACE)
add_library(xzgate::flags ALIAS xzgate_flags)
target_include_directories(xzgate_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(xzgate_flags INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(XZGATE_WERROR)
  target_compile_options(xzgate_flags INTERFACE -Werror)
endif()
if(XZGATE_HARDEN)
  target_compile_options(xzgate_flags INTERFACE
      -fstack-protector-strong -fstack-clash-protection $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
  target_link_options(xzgate_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(XZGATE_SANITIZE)
  target_compile_options(xzgate_flags INTERFACE -fsanitize=${XZGATE_SANITIZE} -fno-omit-frame-pointer)
  # g++ 12 takes sanitized std::variant and std::vector for uninitialized; the other presets keep the warning.
  target_compile_options(xzgate_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(xzgate_flags INTERFACE -fsanitize=${XZGATE_SANITIZE})
  if(XZGATE_SANITIZE MATCHES "undefined")
    target_compile_options(xzgate_flags INTERFACE -fno-sanitize-recover=all)
  endif()
endif()
if(XZGATE_FUZZ)
  target_compile_options(xzgate_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# xzgate_library(NAME SOURCES ... [PUBLIC targets] [PRIVATE targets]): a room, xzgate_NAME and xzgate::NAME.
function(xzgate_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(xzgate_${name} STATIC ${arg_SOURCES})
  add_library(xzgate::${name} ALIAS xzgate_${name})
  target_link_libraries(xzgate_${name} PUBLIC xzgate::flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# xzgate_test(NAME SOURCES ... LIBS targets): one executable a room, each suite a ctest test labelled `unit`.
function(xzgate_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  add_executable(${name}_test ${arg_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${arg_LIBS} xzgate::test_support)
  if(TARGET xzgate_test_pch)
    target_precompile_headers(${name}_test REUSE_FROM xzgate_test_pch)
    # What lets ccache look through a precompiled header of gcc.
    target_compile_options(${name}_test PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300
                       ENVIRONMENT "XZGATE_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

# xzgate_fuzz(NAME LIBS targets): tests/fuzz/NAME.cc; libFuzzer in preset `fuzz`, elsewhere a test that runs the corpus.
# A library that is not there is an error, but when rooms were chosen by hand.
function(xzgate_fuzz name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  foreach(lib IN LISTS arg_LIBS)
    if(TARGET ${lib})
      continue()
    endif()
    if(NOT XZGATE_ONLY_ROOMS)
      message(FATAL_ERROR "${name}: no library ${lib}")
    endif()
    message(STATUS "${name}: left out, ${lib} is not among the rooms")
    return()
  endforeach()
  string(REGEX REPLACE "_fuzz$" "" corpus ${name})
  add_executable(${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/${name}.cc")
  target_link_libraries(${name} PRIVATE ${arg_LIBS})
  if(XZGATE_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus_driver.cc")
    add_test(NAME ${name} COMMAND ${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${corpus}")
    set_tests_properties(${name} PROPERTIES LABELS "unit;fuzz" TIMEOUT 120)
  endif()
endfunction()
