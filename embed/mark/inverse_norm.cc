#include "embed/mark/inverse_norm.h"

#include <cmath>

namespace wmk::embed {

namespace {

constexpr double kUsableNormWeight = 0.01;

}  // namespace

std::vector<float> inverse_norm_weight(const std::vector<float>& norm_weight) {
  double squares = 0;
  for (float g : norm_weight) squares += static_cast<double>(g) * g;
  const double floor =
      kUsableNormWeight * std::sqrt(squares / static_cast<double>(norm_weight.size()));
  std::vector<float> inverse(norm_weight.size());
  for (size_t j = 0; j < norm_weight.size(); ++j) {
    inverse[j] =
        norm_weight[j] != 0 && std::abs(norm_weight[j]) >= floor ? 1.0f / norm_weight[j] : 0.0f;
  }
  return inverse;
}

}  // namespace wmk::embed
