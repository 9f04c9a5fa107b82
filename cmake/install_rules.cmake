# SPDX-License-Identifier: MIT
include(GNUInstallDirs)
if(TARGET ccrd AND TARGET ccr)
install(TARGETS ccrd ccr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
