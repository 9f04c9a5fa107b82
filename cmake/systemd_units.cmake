# SPDX-License-Identifier: MIT
# Units of the system's and of the users' service managers, and the system user. The directories can
# be given where a distribution has others (-DCCR_SYSTEM_UNIT_DIR=...).
set(CCR_SYSTEM_UNIT_DIR lib/systemd/system CACHE STRING "where units of the system go")
set(CCR_USER_UNIT_DIR lib/systemd/user CACHE STRING "where units of users go")
set(CCR_SYSUSERS_DIR lib/sysusers.d CACHE STRING "where system users are declared")

# Units name the installed programs, whose place is final only when they are installed
# (cmake --install --prefix). Each comes into its place whole, as the completions do.
set(code "set(CCR_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
if(NOT IS_ABSOLUTE \"\${CCR_BINDIR}\")
  set(CCR_BINDIR \"\${CMAKE_INSTALL_PREFIX}/\${CCR_BINDIR}\")
endif()")
foreach(kind system user)
  set(from ${CMAKE_SOURCE_DIR}/packaging/systemd/${kind})
  set(to ${CMAKE_BINARY_DIR}/packaging/systemd/${kind})
  install(CODE "${code}
string(RANDOM LENGTH 16 piece)
configure_file(\"${from}/ccrd.service\" \"${to}/\${piece}\" @ONLY)
file(RENAME \"${to}/\${piece}\" \"${to}/ccrd.service\")")
  string(TOUPPER ${kind} upper)
  install(FILES ${to}/ccrd.service ${from}/ccrd.socket ${from}/ccrd-control.socket
    DESTINATION ${CCR_${upper}_UNIT_DIR})
endforeach()
install(FILES packaging/systemd/ccr.sysusers DESTINATION ${CCR_SYSUSERS_DIR} RENAME ccr.conf)
