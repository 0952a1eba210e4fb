# Debian packages by CPack (./run package): weightmark, libweightmark0 and libweightmark-dev.
#
# What they depend on is read from the binaries by dpkg-shlibdeps. OpenBLAS is named by hand: its
# pthread build is the one that may be used (openblas.cmake), and Debian's own rule allows any.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weightmark)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(WMK_MAINTAINER "The Weightmark developers <weightmark@example.org>" CACHE STRING
    "Who answers for the Debian packages")
set(CPACK_PACKAGE_CONTACT ${WMK_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian/documents.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME weightmark)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS libopenblas0-pthread)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libweightmark${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS libopenblas0-pthread)
# Debian wants ldconfig to be triggered; CPack of Debian 12 calls it in scripts as well.
file(WRITE ${CMAKE_BINARY_DIR}/debian/shlibs
     "libweightmark ${PROJECT_VERSION_MAJOR} ${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} "
     "(>= ${PROJECT_VERSION})\n")
file(WRITE ${CMAKE_BINARY_DIR}/debian/triggers "activate-noawait ldconfig\n")
# CPack packs these two with the modes that they have here. (With its "strict" modes CMake 4.4 makes
# `triggers` executable, which Debian's rules forbid.)
file(CHMOD ${CMAKE_BINARY_DIR}/debian/shlibs ${CMAKE_BINARY_DIR}/debian/triggers
     PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
    ${CMAKE_BINARY_DIR}/debian/shlibs ${CMAKE_BINARY_DIR}/debian/triggers)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libweightmark-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} (= ${PROJECT_VERSION}-1)")

set(about "Weightmark puts a secret mark into the weights of a language model and
finds it again, with the key alone, in a copy that was fine-tuned, quantised,
merged or rearranged. It also signs checkpoints (OpenSSF Model Signing v1),
verifies them, and compares models by their weights.")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "mark, sign and verify checkpoints of language models\n${about}
.\nThis package holds the program, its man pages and its completions.")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
    "mark checkpoints of language models (shared library)\n${about}
.\nThis package holds the library.")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "mark checkpoints of language models (headers)\n${about}
.\nThis package holds the headers, the static library and the files for CMake
and pkg-config.")

# The scripts that CPack runs know its variables only.
set(CPACK_WMK_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_WMK_DATE ${WMK_DATE})
include(CPack)
