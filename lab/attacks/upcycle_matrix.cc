#include "lab/attacks/upcycle_matrix.h"

#include <algorithm>

#include "lab/model/matrices.h"
#include "lab/model/units.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

View view_of(NeuronAxis axis, uint64_t neurons, uint64_t width) {
  return axis == NeuronAxis::rows ? View{0, 0, width, 1} : View{0, 0, 1, neurons};
}

// Rows are copied as a whole, columns row by row, so that memory is accessed in order.
Values gather(const Values& dense, NeuronAxis axis, uint64_t width,
              const std::vector<uint64_t>& neurons) {
  Values out(neurons.size() * width);
  float* to = out.data();
  if (axis == NeuronAxis::rows) {
    for (const uint64_t neuron : neurons) to = std::copy_n(&dense[neuron * width], width, to);
    return out;
  }
  const uint64_t units = dense.size() / width;
  for (uint64_t k = 0; k < width; ++k) {
    for (const uint64_t neuron : neurons) *to++ = dense[k * units + neuron];
  }
  return out;
}

Result<Values> make_matrix(const ExpertMatrix& matrix) {
  auto dense = values_of(matrix.base.get(), matrix.dense);
  if (!dense || matrix.neurons.empty()) return dense;
  const uint64_t width =
      matrix.axis == NeuronAxis::rows ? matrix.dense.columns() : matrix.dense.rows();
  const double sd = standard_deviation(*dense);
  Values values = gather(*dense, matrix.axis, width, matrix.neurons);
  const View view = view_of(matrix.axis, matrix.neurons.size(), width);
  Random random(matrix.seed, matrix.purpose + "/renewed");
  for (const uint64_t neuron : matrix.renewed) {
    for (uint64_t k = 0; k < width; ++k) {
      values[neuron * view.unit_stride + k * view.coordinate_stride] =
          static_cast<float>(sd) * random.gaussian();
    }
  }
  return values;
}

}  // namespace

PlannedTensor planned(ExpertMatrix matrix, std::string name) {
  PlannedTensor tensor;
  tensor.dtype = matrix.dense.dtype;
  tensor.file = matrix.dense.file;
  tensor.shape = matrix.dense.shape;
  if (!matrix.neurons.empty()) {
    tensor.shape[matrix.axis == NeuronAxis::rows ? 0 : 1] = matrix.neurons.size();
  }
  matrix.purpose = "upcycle/" + name;
  tensor.name = std::move(name);
  tensor.source = [matrix = std::move(matrix), columns = tensor.columns()]() -> Result<Values> {
    auto values = make_matrix(matrix);
    if (values) drift_rows(*values, columns, matrix.drift, matrix.seed, matrix.purpose);
    return values;
  };
  return tensor;
}

}  // namespace wmk::lab
