# wmk_module(NAME LAYER n [HOT | COMMANDS] [MAY modules...] [FOLDERS rules...]
#            [LIBRARIES targets...])
#
# A module is a folder and a static library wmk_NAME made of the *.cc files in and below it (main.cc
# apart). HOT: users wait for its loops, so it is compiled with -O3. COMMANDS: it is not in any hot
# path; its files are compiled one by one (each command has Options of its own) and without
# sanitizers, which would double the time to compile CLI11. proto is special: its sources are
# generated from *.proto.
#
# FOLDERS names each folder of the module once, as "folder" or "folder: others", where `others` are
# the folders of the same module that it may include. See tests/structure/layers.py for the rules.

# Reading these takes a third of the time of compiling a file.
set(WMK_COMMON_HEADERS <algorithm> <filesystem> <functional> <map> <memory> <optional> <span>
                       <string> <unordered_map> <vector>)

set(WMK_COMMAND_OPTIONS -O1)
if(WMK_SANITIZE)
  set(WMK_COMMAND_OPTIONS -fno-sanitize=all)
endif()

# The first module with these options precompiles the common headers for the others.
function(wmk_common_headers target options)
  get_property(owner GLOBAL PROPERTY WMK_COMMON_HEADERS${options})
  if(owner AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  else()
    target_precompile_headers(${target} PRIVATE ${WMK_COMMON_HEADERS})
    set_property(GLOBAL PROPERTY WMK_COMMON_HEADERS${options} ${target})
  endif()
endfunction()

function(wmk_module name)
  cmake_parse_arguments(MODULE "HOT;COMMANDS" "LAYER" "MAY;FOLDERS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  set(target wmk_${name})
  if(name STREQUAL "proto")
    file(GLOB protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/*.proto)
    add_library(${target} STATIC ${protos})
    target_include_directories(${target} SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/generated)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/proto)
    protobuf_generate(TARGET ${target} IMPORT_DIRS ${CMAKE_SOURCE_DIR}
                      PROTOC_OUT_DIR ${CMAKE_BINARY_DIR}/generated)
    target_compile_options(${target} PRIVATE -w)
  elseif(sources)
    add_library(${target} STATIC ${sources})
    if(MODULE_COMMANDS)
      target_compile_options(${target} PRIVATE ${WMK_COMMAND_OPTIONS})
      wmk_common_headers(${target} _commands)
    elseif(MODULE_HOT AND NOT WMK_SANITIZE AND NOT WMK_COVERAGE)
      target_compile_options(${target} PRIVATE -O3)
      wmk_common_headers(${target} _hot)
    else()
      wmk_common_headers(${target} "")
    endif()
    if(NOT MODULE_COMMANDS)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ${WMK_UNITY}
                                                 UNITY_BUILD_BATCH_SIZE 12)
    endif()
  else()
    add_library(${target} INTERFACE)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(scope INTERFACE)
  else()
    set(scope PUBLIC)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR})
  foreach(other ${MODULE_MAY})
    target_link_libraries(${target} ${scope} wmk_${other})
  endforeach()
  target_link_libraries(${target} ${scope} ${MODULE_LIBRARIES})
  string(REPLACE ";" " " may "${MODULE_MAY}")
  set_property(GLOBAL APPEND PROPERTY WMK_PLAN "module ${name} ${MODULE_LAYER} ${may}")
  foreach(rule ${MODULE_FOLDERS})
    string(REPLACE ":" "" rule "${rule}")
    set_property(GLOBAL APPEND PROPERTY WMK_PLAN "folder ${name}/${rule}")
  endforeach()
endfunction()

# The plan as text, for tests/structure: lines 'module NAME LAYER others...' and
# 'folder MODULE/NAME others...'.
function(wmk_write_plan path)
  get_property(plan GLOBAL PROPERTY WMK_PLAN)
  list(JOIN plan "\n" text)
  file(WRITE ${path} "${text}\n")
endfunction()
