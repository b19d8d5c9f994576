# Every third-party library in one place, from the distribution's packages (docs/dependencies.md says why each is there).
# Modules without a CMake package are found through pkg-config.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.74 REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# ISA-L is an x86 gain only; elsewhere zlib inflates (reference figures: docs/performance.md).
pkg_check_modules(ISAL IMPORTED_TARGET libisal)

# yaml-cpp changed the name of its target between Debian 12 and 13.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED)
  set_target_properties(yaml-cpp::yaml-cpp PROPERTIES INTERFACE_LINK_LIBRARIES yaml-cpp)
endif()

# The package's own definitions must be ours too: they change the layout of httplib::Request.
pkg_check_modules(HTTPLIB REQUIRED cpp-httplib)
find_library(XZGATE_HTTPLIB cpp-httplib REQUIRED)
add_library(xzgate_httplib INTERFACE)
add_library(xzgate::httplib ALIAS xzgate_httplib)
target_compile_options(xzgate_httplib INTERFACE ${HTTPLIB_CFLAGS_OTHER})
target_link_libraries(xzgate_httplib INTERFACE "${XZGATE_HTTPLIB}" OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

if(XZGATE_TESTS)
  find_package(GTest REQUIRED)
endif()
