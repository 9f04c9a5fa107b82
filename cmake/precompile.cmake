# SPDX-License-Identifier: MIT
# More than half of the time of compiling a file goes to the headers of others. The sanitized builds
# read them once (CCR_PRECOMPILE ON), the release build for its tests only (TESTS); all others read
# them file by file, so that a file which leans on another one's includes is found out.
set(CCR_PRECOMPILE OFF CACHE STRING
  "precompile the headers of the standard library, Asio and GoogleTest: ON, TESTS or OFF")

set(CCR_STD_HEADERS <algorithm> <array> <charconv> <chrono> <cstdint> <functional> <map> <memory>
  <mutex> <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
set(CCR_ASIO_HEADERS <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/posix/stream_descriptor.hpp>)

function(ccr_precompile target)
  if(CCR_PRECOMPILE STREQUAL "ON")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

function(ccr_precompile_test target)
  if(CCR_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
  if(CCR_PRECOMPILE STREQUAL "TESTS")
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# Without this ccache takes no file that uses a precompiled header.
if(CCR_PRECOMPILE)
  if(CCR_PRECOMPILE STREQUAL "ON")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
  if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  endif()
endif()
