# Makes the target OpenBLAS::OpenBLAS, the pthread build where there is one.
#
# We bring our own threads and tell it to use one (stats/gemm.cc). The serial build would be the
# natural choice, but Debian's has no locks around its working memory: called from several threads
# it now and then gives a wrong product (277 of 240,000 small ones from four threads; the pthread
# build: none). Debian keeps the variants in folders of their own and lets `libopenblas.so.0` point
# to any of them, so the folder is linked by its path, and CMake writes it into the program's run
# path.
find_library(WMK_OPENBLAS_LIBRARY openblas PATH_SUFFIXES openblas-pthread
             PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} NO_DEFAULT_PATH)
find_library(WMK_OPENBLAS_LIBRARY openblas)
get_filename_component(openblas_variant "${WMK_OPENBLAS_LIBRARY}" DIRECTORY)
get_filename_component(openblas_variant "${openblas_variant}" NAME)
find_path(WMK_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES ${openblas_variant}
          PATHS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} NO_DEFAULT_PATH)
find_path(WMK_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas)
if(NOT WMK_OPENBLAS_LIBRARY OR NOT WMK_OPENBLAS_INCLUDE)
  message(FATAL_ERROR "OpenBLAS not found (Debian: libopenblas-pthread-dev)")
endif()
message(STATUS "OpenBLAS: ${WMK_OPENBLAS_LIBRARY}, ${WMK_OPENBLAS_INCLUDE}")

add_library(OpenBLAS::OpenBLAS UNKNOWN IMPORTED)
set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
                      IMPORTED_LOCATION "${WMK_OPENBLAS_LIBRARY}"
                      INTERFACE_INCLUDE_DIRECTORIES "${WMK_OPENBLAS_INCLUDE}")
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
