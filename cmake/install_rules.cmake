# SPDX-License-Identifier: MIT
include(GNUInstallDirs)
install(TARGETS ccrd ccr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(section 1 5 8)
  file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES data/tokens/o200k_base.bin data/tokens/cl100k_base.bin data/tokens/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/ccr/tokens)
install(FILES packaging/prometheus/ccr.rules.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/ccr/prometheus)
install(FILES packaging/grafana/ccr.json DESTINATION ${CMAKE_INSTALL_DATADIR}/ccr/grafana)
install(FILES data/prices.json DESTINATION ${CMAKE_INSTALL_DATADIR}/ccr)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Units name the installed programs.
include(systemd_units)
