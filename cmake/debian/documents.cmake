# What Debian's policy wants beside the installed files: copyright, change log, compressed man pages
# and reasons for what lintian would object to. CPack runs it on the staged files of each package.
set(folders_program weightmark)
set(folders_library libweightmark0)
set(folders_development libweightmark-dev)

file(READ ${CPACK_WMK_SOURCE}/LICENSE licence)
file(READ ${CPACK_WMK_SOURCE}/NOTICE notice)
execute_process(COMMAND date -R -u -d ${CPACK_WMK_DATE} OUTPUT_VARIABLE date
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND date +%s -u -d ${CPACK_WMK_DATE} OUTPUT_VARIABLE seconds
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(ENV{SOURCE_DATE_EPOCH} ${seconds})

foreach(component program library development)
  set(package ${folders_${component}})
  set(staged ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component}/usr/share)
  # Debian wants both in `copyright`.
  file(REMOVE ${staged}/doc/${package}/LICENSE ${staged}/doc/${package}/NOTICE)
  file(WRITE ${staged}/doc/${package}/copyright
       "Weightmark. Its licence is the Apache License, Version 2.0; on Debian systems it is also\n"
       "in /usr/share/common-licenses/Apache-2.0.\n\n${notice}")
  file(WRITE ${staged}/doc/${package}/changelog.Debian
       "weightmark (${CPACK_PACKAGE_VERSION}-1) bookworm; urgency=medium\n\n"
       "  * Version ${CPACK_PACKAGE_VERSION}: see NEWS.md of the sources.\n\n"
       " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  # OpenBLAS's pthread build lies in a folder of its own (cmake/openblas.cmake).
  if(NOT component STREQUAL "development")
    file(WRITE ${staged}/lintian/overrides/${package}
         "${package}: custom-library-search-path RUNPATH */openblas-pthread *\n")
  endif()
  file(GLOB pages ${staged}/man/man1/*.1)
  execute_process(COMMAND gzip -9 -n ${pages} ${staged}/doc/${package}/changelog.Debian
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
