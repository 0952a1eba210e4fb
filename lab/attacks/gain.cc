// gain: moves scale between the weights of the norm before the FFN and the matrices that read its
// output.
#include <cmath>
#include <map>

#include "lab/attack_functions.h"
#include "lab/model/residual.h"
#include "lab/random.h"

namespace wmk::lab {

using enum ResidualPart;

static void multiply_norm(Model& model, const ResidualStream& stream, size_t tensor,
                          std::vector<float> factors) {
  const float offset = stream.one_plus ? 1 : 0;
  model.plan().at_origin(tensor).edits.push_back(
      [factors = std::move(factors), offset](Values& values) -> Status {
        for (size_t i = 0; i < values.size(); ++i) {
          values[i] = (values[i] + offset) * factors[i] - offset;
        }
        return {};
      });
}

static void divide_columns(Model& model, size_t tensor, std::vector<float> inverse) {
  model.plan().at_origin(tensor).edits.push_back(
      [inverse = std::move(inverse)](Values& values) -> Status {
        scale_columns(values, inverse);
        return {};
      });
}

Status gain(Model& model, const Arguments& arguments) {
  auto stream = ResidualStream::make(model, "gain");
  if (!stream) return std::move(stream).error();
  const double decades = arguments.number("decades");
  std::map<uint64_t, std::vector<float>> factors_of;  // by layer
  for (const ResidualTensor& norm : stream->tensors) {
    if (norm.part != ffn_norm) continue;
    Random random(arguments.seed(), "gain/" + std::to_string(norm.layer));
    std::vector<float>& factors = factors_of[norm.layer];
    for (uint64_t i = 0; i < stream->width; ++i) {
      factors.push_back(static_cast<float>(std::pow(10, random.uniform(-decades, decades))));
    }
    multiply_norm(model, *stream, norm.tensor, factors);
  }
  for (const ResidualTensor& reader : stream->tensors) {
    if (reader.part != reads_ffn || !factors_of.contains(reader.layer)) continue;
    std::vector<float> inverse = factors_of[reader.layer];
    for (float& factor : inverse) factor = 1 / factor;
    divide_columns(model, reader.tensor, std::move(inverse));
  }
  return {};
}

}  // namespace wmk::lab
