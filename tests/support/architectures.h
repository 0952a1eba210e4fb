// Names and shapes of the tensors of each architecture, as templates (see tiny_model.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wmk::test {

// One tensor per line: its name and its shape. In names {l} stands for every layer, {f} for the
// first one, {r} for the others, {e} for every expert. In shapes d is the width, V the vocabulary,
// E the number of experts, and I, M and S are the neurons of a dense FFN, an expert and a shared
// expert; 2I and EM are products; numbers stand for themselves.
struct Architecture {
  std::string_view model_type;
  bool one_plus = false;  // its norms multiply by 1 + w
  std::string tensors;
};

const std::vector<Architecture>& all_architectures();
const Architecture& architecture_named(std::string_view model_type);

}  // namespace wmk::test
