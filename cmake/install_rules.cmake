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

# The completions come from the program's own table of commands. Each comes into its place whole:
# several packages may be made of one build at once.
set(CCR_ZSH_COMPLETIONS_DIR share/zsh/site-functions CACHE STRING "where completions of zsh go")
set(completions ${CMAKE_BINARY_DIR}/completions)
foreach(shell bash zsh fish)
  install(CODE "file(MAKE_DIRECTORY ${completions})
string(RANDOM LENGTH 16 piece)
execute_process(COMMAND $<TARGET_FILE:ccr> completion ${shell} OUTPUT_FILE ${completions}/\${piece}
  COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${completions}/\${piece} ${completions}/${shell})")
endforeach()
install(FILES ${completions}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ccr)
install(FILES ${completions}/zsh DESTINATION ${CCR_ZSH_COMPLETIONS_DIR} RENAME _ccr)
install(FILES ${completions}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME ccr.fish)

# Units name the installed programs.
include(systemd_units)
