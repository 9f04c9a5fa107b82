# SPDX-License-Identifier: MIT
include(GNUInstallDirs)
install(TARGETS ccrd ccr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
