# Man pages and completions, written by the build from the program's own table of options.
add_executable(write_manual cli/manual/main.cc)
target_link_libraries(write_manual PRIVATE wmk_cli)
target_compile_options(write_manual PRIVATE ${WMK_COMMAND_OPTIONS})

# The date of a release is in NEWS.md; before it is released, the day of the build
# (SOURCE_DATE_EPOCH sets it).
file(STRINGS ${CMAKE_SOURCE_DIR}/NEWS.md heading REGEX "^## " LIMIT_COUNT 1)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS NEWS.md)
if(heading MATCHES "^## ${PROJECT_VERSION} \\(([0-9]+-[0-9]+-[0-9]+)\\)$")
  set(WMK_DATE ${CMAKE_MATCH_1})
else()
  string(TIMESTAMP WMK_DATE "%Y-%m-%d" UTC)
endif()

set(manual ${CMAKE_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${manual}/man1/weightmark.1
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual}
  COMMAND write_manual ${manual} ${PROJECT_VERSION} ${WMK_DATE}
  COMMENT "Writing man pages and completions")
add_custom_target(manual ALL DEPENDS ${manual}/man1/weightmark.1)

install(DIRECTORY ${manual}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
install(FILES ${manual}/bash/weightmark
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
set(WMK_ZSH_FOLDER ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
    "Where zsh looks for completions")
install(FILES ${manual}/zsh/_weightmark DESTINATION ${WMK_ZSH_FOLDER} COMPONENT program)
install(FILES ${manual}/fish/weightmark.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
