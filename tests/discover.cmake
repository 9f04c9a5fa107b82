# SPDX-License-Identifier: MIT
# Read by ctest before a run: one test for each suite of a GoogleTest program. A process for each of
# the 1800 cases would spend more time on starting than on testing.
function(ccr_discover name program timeout)
  if(NOT EXISTS ${program})
    add_test(${name}.NOT_BUILT ${program})
    return()
  endif()
  execute_process(COMMAND ${program} --gtest_list_tests OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "(^|\n)[^ \n]+\\." suites "${listing}")
  foreach(suite ${suites})
    string(REGEX REPLACE "^\n|\\.$" "" suite "${suite}")
    add_test(${name}.${suite} ${program} --gtest_filter=${suite}.*)
    set_tests_properties(${name}.${suite} PROPERTIES TIMEOUT ${timeout} PROCESSORS 2)
  endforeach()
endfunction()
