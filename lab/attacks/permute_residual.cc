// permute-residual: permutes the coordinates of the residual stream in all tensors.
#include <memory>

#include "lab/attack_functions.h"
#include "lab/model/residual.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using enum ResidualPart;
using SharedOrder = std::shared_ptr<const std::vector<uint64_t>>;

// Column j gets the values of column order[j]; a vector is a matrix of one row.
Status reorder_columns(Values& values, const std::vector<uint64_t>& order) {
  Values row(order.size());
  for (size_t begin = 0; begin < values.size(); begin += order.size()) {
    for (size_t j = 0; j < order.size(); ++j) row[j] = values[begin + order[j]];
    std::copy(row.begin(), row.end(), values.begin() + static_cast<ptrdiff_t>(begin));
  }
  return {};
}

Status reorder_rows(Values& values, const std::vector<uint64_t>& order) {
  const size_t columns = values.size() / order.size();
  Values moved(values.size());
  for (size_t i = 0; i < order.size(); ++i) {
    std::copy_n(values.begin() + static_cast<ptrdiff_t>(order[i] * columns), columns,
                moved.begin() + static_cast<ptrdiff_t>(i * columns));
  }
  values = std::move(moved);
  return {};
}

}  // namespace

Status permute_residual(Model& model, const Arguments& arguments) {
  auto stream = ResidualStream::make(model, "permute-residual");
  if (!stream) return std::move(stream).error();
  Random random(arguments.seed(), "permute-residual");
  const SharedOrder order =
      std::make_shared<const std::vector<uint64_t>>(random.permutation(stream->width));
  for (const ResidualTensor& found : stream->tensors) {
    if (found.part == inside) continue;
    const bool by_rows = found.part == writes;
    model.plan().at_origin(found.tensor).edits.push_back([order, by_rows](Values& values) {
      return by_rows ? reorder_rows(values, *order) : reorder_columns(values, *order);
    });
  }
  return {};
}

}  // namespace wmk::lab
