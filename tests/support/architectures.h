// Names and shapes of architectures, as templates (see tiny_model.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wmk::test {

// One tensor a line: a name and its shape. In a name {l} stands for every layer, {f} for the first
// one, {r} for the rest, {e} for every expert. In a shape d is the width, V the vocabulary, I, M
// and S the units of a dense FFN, an expert and a shared expert, E the number of experts; 2I and EM
// are products; figures stand for themselves.
struct Architecture {
  std::string_view model_type;
  bool one_plus = false;  // its gains are 1 + w
  std::string tensors;
};

const std::vector<Architecture>& all_architectures();
const Architecture& architecture_named(std::string_view model_type);

}  // namespace wmk::test
