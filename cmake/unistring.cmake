# Makes the target Unistring::Unistring; the library has no pkg-config file.
find_library(WMK_UNISTRING_LIBRARY unistring)
find_path(WMK_UNISTRING_INCLUDE unicase.h)
if(NOT WMK_UNISTRING_LIBRARY OR NOT WMK_UNISTRING_INCLUDE)
  message(FATAL_ERROR "libunistring not found (Debian: libunistring-dev)")
endif()

add_library(Unistring::Unistring UNKNOWN IMPORTED)
set_target_properties(Unistring::Unistring PROPERTIES
                      IMPORTED_LOCATION "${WMK_UNISTRING_LIBRARY}"
                      INTERFACE_INCLUDE_DIRECTORIES "${WMK_UNISTRING_INCLUDE}")
