# SPDX-License-Identifier: MIT
# More than half of the time of compiling a file goes to the headers of others. The builds that CI
# makes read them once; all others read them file by file. tests/lint/includes.py sees to it that a
# file does not lean on another one's includes.
option(CCR_PRECOMPILE "precompile the headers of the standard library, Asio and GoogleTest" OFF)

set(CCR_STD_HEADERS <algorithm> <array> <charconv> <chrono> <cstdint> <functional> <map> <memory>
  <mutex> <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
set(CCR_ASIO_HEADERS <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/posix/stream_descriptor.hpp>)

# ccr_precompile(TARGET PRIVATE HEADER... | REUSE_FROM OTHER)
function(ccr_precompile target)
  if(CCR_PRECOMPILE)
    target_precompile_headers(${target} ${ARGN})
  endif()
endfunction()

# Without this ccache takes no file that uses a precompiled header.
if(CCR_PRECOMPILE)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  set(ccache_settings CCACHE_SLOPPINESS=pch_defines,time_macros)
endif()

# By the compiler's list of dependencies ccache need not preprocess what it has not seen yet.
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 ${ccache_settings} ${CCACHE_PROGRAM})
endif()
