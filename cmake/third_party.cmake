# SPDX-License-Identifier: MIT
# All libraries come from the distribution; nothing is vendored or downloaded.
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.37)
find_path(RAPIDJSON_INCLUDE rapidjson/reader.h REQUIRED)

# spdlog and fmt as headers, for the one file that logs: their shared libraries change names with each
# release of a distribution, and one package is to run on several.
add_library(ccr_spdlog INTERFACE)
target_include_directories(ccr_spdlog SYSTEM INTERFACE
  $<TARGET_PROPERTY:spdlog::spdlog_header_only,INTERFACE_INCLUDE_DIRECTORIES>
  $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)
set(CCR_SPDLOG_DEFINITIONS SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)

# For the tests and the mock provider. Its SSE2 loops read up to 16 bytes past the end; sanitizer
# builds use the scalar code, whose reads stay inside the text.
add_library(ccr_rapidjson INTERFACE)
target_include_directories(ccr_rapidjson SYSTEM INTERFACE ${RAPIDJSON_INCLUDE})
target_compile_definitions(ccr_rapidjson INTERFACE RAPIDJSON_HAS_STDSTRING=1)
if(NOT CCR_SANITIZE AND NOT CCR_FUZZ)
  target_compile_definitions(ccr_rapidjson INTERFACE RAPIDJSON_SSE2)
endif()

# Asio and Beast are compiled once; the definitions are PUBLIC so that no file can disagree. Asio's
# cache of freed coroutine frames stays at its default of two: more would hand large blocks to small
# frames, which then hold them for as long as a stream is idle.
add_library(ccr_third_party STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp ${CMAKE_SOURCE_DIR}/cmake/beast.cpp)
target_compile_features(ccr_third_party PUBLIC cxx_std_20)
target_compile_definitions(ccr_third_party PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_REGEX)
target_link_libraries(ccr_third_party PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
ccr_fuzzed(ccr_third_party)
set_target_properties(ccr_third_party PROPERTIES CXX_CLANG_TIDY "")
