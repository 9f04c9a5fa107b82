# SPDX-License-Identifier: MIT
# g++ 12 compiles coroutines to wrong code without a warning (temporaries in the condition of an
# `if (co_await ...)` overlay the resume pointer), so it is refused rather than supported badly.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} silently miscompiles coroutines. "
    "Build with clang-16 (apt-get install clang-16): cmake -DCMAKE_CXX_COMPILER=clang++-16, "
    "or use a preset (cmake --preset release), or ./dev.")
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  message(FATAL_ERROR "clang ${CMAKE_CXX_COMPILER_VERSION} is too old: clang 16 or later is needed "
    "(apt-get install clang-16).")
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)  # how it is called: precompile.cmake
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_link_options(-fuse-ld=mold)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
