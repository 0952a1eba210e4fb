# wmk_embed_rules(TARGET FOLDER): the rule files named in FOLDER/catalogue, in its order, as one
# generated source file behind checkpoint/naming/naming_catalogue.h. A change runs CMake again.
function(wmk_embed_rules target folder)
  set(directory ${CMAKE_SOURCE_DIR}/${folder})
  file(STRINGS ${directory}/catalogue names REGEX "^[a-z0-9_]+$")
  set(entries "")
  foreach(name ${names})
    set(path ${directory}/${name}.rules)
    file(READ ${path} text)
    string(APPEND entries "    {\"${name}.rules\", R\"rules(${text})rules\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${directory}/catalogue)
  set(path ${CMAKE_BINARY_DIR}/generated/${folder}_catalogue.cc)
  file(CONFIGURE OUTPUT ${path} @ONLY CONTENT "// Written by the build from ${folder}; do not edit.
#include \"checkpoint/naming/naming_catalogue.h\"

namespace wmk::checkpoint {

static constexpr RulesText kRules[] = {
${entries}};

std::span<const RulesText> shipped_rules() { return kRules; }

}  // namespace wmk::checkpoint
")
  target_sources(${target} PRIVATE ${path})
endfunction()
