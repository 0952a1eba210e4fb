# libweightmark.a: the facade and all modules below it in one object, whose other symbols are local.
#
# What uses it links the libraries below as well: CMake's target weightmark::weightmark_static does
# (cmake/weightmarkConfig.cmake.in), and weightmark-static of pkg-config. Not made with MPI, which
# the program alone needs.
set(WMK_STATIC_NEEDS sodium crypto protobuf curl unistring openblas pthread)
get_filename_component(WMK_STATIC_BLAS_FOLDER ${WMK_OPENBLAS_LIBRARY} DIRECTORY)

function(wmk_archives_of target found)
  get_target_property(others ${target} LINK_LIBRARIES)
  foreach(other ${target} ${others})
    if(NOT other MATCHES "^wmk_" OR other IN_LIST ${found})
      continue()
    endif()
    get_target_property(type ${other} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND ${found} ${other})
      wmk_archives_of(${other} ${found})
    endif()
  endforeach()
  set(${found} ${${found}} PARENT_SCOPE)
endfunction()

set(modules)
wmk_archives_of(wmk_library modules)
list(TRANSFORM modules REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE archives)
set(static_library ${CMAKE_BINARY_DIR}/libweightmark.a)
add_custom_command(
  OUTPUT ${static_library}
  COMMAND ${CMAKE_LINKER} -r --force-group-allocation --whole-archive ${archives}
          -o weightmark_all.o
  COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=_ZN10weightmark*
          --keep-global-symbol=_ZNK10weightmark* weightmark_all.o
  COMMAND ${CMAKE_COMMAND} -E rm -f ${static_library}
  COMMAND ${CMAKE_AR} qcs ${static_library} weightmark_all.o
  DEPENDS ${modules}
  WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
  VERBATIM)
add_custom_target(weightmark_static ALL DEPENDS ${static_library})
install(FILES ${static_library} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
