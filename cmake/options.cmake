# SPDX-License-Identifier: MIT
set(CCR_SANITIZE "" CACHE STRING "sanitizers: address,undefined or thread")
option(CCR_COVERAGE "instrument for coverage" OFF)
set(CCR_FUZZ OFF CACHE STRING
  "libFuzzer programs (clang): ON, LIGHT (less guidance and cheap to compile: for the tests) or OFF")
option(CCR_WERROR "warnings are errors" ON)

add_library(ccr_options INTERFACE)
target_compile_features(ccr_options INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_include_directories(ccr_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(ccr_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wextra-semi
  $<$<BOOL:${CCR_WERROR}>:-Werror>)

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(ccr_options INTERFACE _GLIBCXX_ASSERTIONS)
elseif(NOT CCR_SANITIZE AND NOT CCR_COVERAGE AND NOT CCR_FUZZ)
  target_compile_options(ccr_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
    -fstack-protector-strong)
  target_link_options(ccr_options INTERFACE -Wl,-z,relro,-z,now)
endif()

if(CCR_SANITIZE)
  add_compile_options(-fsanitize=${CCR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/cmake/sanitizer_ignore.txt)
  add_link_options(-fsanitize=${CCR_SANITIZE})
endif()
if(CCR_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(CCR_FUZZ STREQUAL "ON")
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# For what fuzzers drive: LIGHT has counters of edges only, no comparisons.
function(ccr_fuzzed target)
  if(CCR_FUZZ STREQUAL "LIGHT")
    target_compile_options(${target} PRIVATE -fsanitize-coverage=inline-8bit-counters,pc-table)
  endif()
endfunction()

# For what need not be fast: sanitizers make its optimisation the better part of a build's time, and
# check the same without.
function(ccr_unhurried target)
  if(CCR_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-O0>)
  endif()
endfunction()
