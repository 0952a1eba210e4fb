// rename-tensors: other names for the same tensors. Libraries do not load the copy by itself.
#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "lab/attack_functions.h"

namespace wmk::lab {
namespace {

std::string with_separator(std::string name, char separator) {
  std::replace(name.begin(), name.end(), '.', separator);
  return name;
}

// t0001, t0002 and so on, in the order of the files.
std::string numbered(size_t place) {
  const std::string digits = to_text(place + 1);
  return cat("t", std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0'), digits);
}

std::string with_letters(std::string name) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"gate_proj", "w1"}, {"down_proj", "w2"}, {"up_proj", "w3"}, {"model.layers.", "blocks."}};
  for (const auto& [from, to] : kWords) {
    const size_t at = name.find(from);
    if (at != std::string::npos) name.replace(at, from.size(), to);
  }
  return name;
}

std::string renamed(const std::string& style, const std::string& name, size_t place) {
  if (style == "opaque") return numbered(place);
  if (style == "prefix") return cat("foo.bar.", name);
  if (style == "slashes") return with_separator(name, '/');
  if (style == "underscores") return with_separator(name, '_');
  return with_letters(name);
}

}  // namespace

Status rename_tensors(Model& model, const Arguments& arguments) {
  size_t place = 0;
  for (PlannedTensor& tensor : model.plan().tensors) {
    tensor.name = renamed(arguments.text("style"), tensor.name, place++);
  }
  return {};
}

}  // namespace wmk::lab
