# libweightmark.so and what is installed: program, headers, libraries, CMake package, pkg-config
# files, licence and specifications.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The facade is what programs link to; the version script hides all other symbols.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/shared.cc CONTENT "// All is in archives.\n")
add_library(weightmark_shared SHARED ${CMAKE_BINARY_DIR}/generated/shared.cc)
set_target_properties(weightmark_shared PROPERTIES
  OUTPUT_NAME weightmark EXPORT_NAME weightmark LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_link_libraries(weightmark_shared PRIVATE
  "$<BUILD_INTERFACE:-Wl,--whole-archive;wmk_library;-Wl,--no-whole-archive>")
target_link_options(weightmark_shared PRIVATE
  -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/weightmark.map -Wl,--no-undefined)
set_property(TARGET weightmark_shared PROPERTY LINK_DEPENDS
             ${CMAKE_SOURCE_DIR}/cmake/weightmark.map)
target_compile_features(weightmark_shared INTERFACE cxx_std_20)
target_include_directories(weightmark_shared INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(TARGETS weightmark DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS weightmark_shared EXPORT weightmark
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
                NAMELINK_COMPONENT development)
install(DIRECTORY include/weightmark DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development)
if(NOT WEIGHTMARK_MPI)
  include(cmake/static_library.cmake)
endif()
install(EXPORT weightmark NAMESPACE weightmark:: FILE weightmarkTargets.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weightmark COMPONENT development)
configure_package_config_file(cmake/weightmarkConfig.cmake.in
  ${CMAKE_BINARY_DIR}/weightmarkConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weightmark
  PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/weightmarkConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
list(TRANSFORM WMK_STATIC_NEEDS PREPEND -l OUTPUT_VARIABLE WMK_STATIC_LINKS)
list(JOIN WMK_STATIC_LINKS " " WMK_STATIC_LINKS)
# `cmake --install --prefix` and relocated packages choose the prefix later.
file(RELATIVE_PATH WMK_PREFIX_FROM_PC /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/weightmark.pc.in ${CMAKE_BINARY_DIR}/weightmark.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/weightmarkConfig.cmake
              ${CMAKE_BINARY_DIR}/weightmarkConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weightmark COMPONENT development)
# `pkg-config --static weightmark` would link the shared library where both are installed.
set(WMK_PC_FILES ${CMAKE_BINARY_DIR}/weightmark.pc)
if(NOT WEIGHTMARK_MPI)
  configure_file(cmake/weightmark-static.pc.in ${CMAKE_BINARY_DIR}/weightmark-static.pc @ONLY)
  list(APPEND WMK_PC_FILES ${CMAKE_BINARY_DIR}/weightmark-static.pc)
endif()
install(FILES ${WMK_PC_FILES} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# --help, the man pages and the reports name pages of specs/.
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY specs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program
        FILES_MATCHING PATTERN "*.md")
