#include "lab/model/matrices.h"

#include "lab/random.h"

namespace wmk::lab {

using checkpoint::Role;

bool is_inner_matrix(const Model& model, const PlannedTensor& tensor) {
  if (!tensor.origin || tensor.shape.size() < 2) return false;
  const auto role = model.anatomy().roles[*tensor.origin];
  return role == Role::ffn_gate || role == Role::ffn_up || role == Role::ffn_down ||
         role == Role::ffn_gate_up || role == Role::attention;
}

void for_each_row(Values& values, uint64_t columns,
                  const std::function<void(std::span<float>)>& change) {
  for (size_t begin = 0; begin < values.size(); begin += columns) {
    change(std::span(values).subspan(begin, columns));
  }
}

void drift_rows(Values& values, uint64_t columns, double relative, uint64_t seed,
                std::string_view purpose) {
  if (relative == 0) return;
  Random random(seed, purpose);
  for_each_row(values, columns, [&](std::span<float> row) {
    add_noise(row, relative * standard_deviation(row), random);
  });
}

}  // namespace wmk::lab
