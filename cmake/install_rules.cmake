# SPDX-License-Identifier: MIT
include(GNUInstallDirs)
install(TARGETS ccrd ccr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES man/ccr.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES man/ccrd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES man/ccr-config.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES data/tokens/o200k_base.bin data/tokens/cl100k_base.bin data/tokens/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/ccr/tokens)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Units name the installed program, so they are made at configure time.
include(systemd_units)
