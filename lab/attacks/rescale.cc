// scale, flip and rescale-extreme: a gated network is linear in its up rows, so a factor on an up
// row is cancelled by its inverse on the down column.
#include <cmath>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/units.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

Status check_linear_in_up(const Model& model, std::string_view attack) {
  if (model.anatomy().gated && model.anatomy().family != "gpt_oss") {
    return check_plain_units(model, attack);
  }
  return Error(ErrorCode::unsupported,
               cat("family '", model.anatomy().family, "': '", attack,
                   "' needs a gated feed-forward network that is linear in its up rows"));
}

// Multiplies up rows (and their biases) by `factors` and divides down columns by them.
Status rescale(Model& model, const UnitGroup& group, const std::vector<float>& factors) {
  auto bias = bias_of(model, group.up);
  if (!bias) return std::move(bias).error();
  const uint64_t width = model.anatomy().width;
  std::vector<float> inverse;
  for (const float factor : factors) inverse.push_back(1 / factor);
  plan_scale(model, group.up, width, factors);
  if (*bias) plan_scale(model, **bias, 1, factors);
  plan_scale(model, group.down, width, std::move(inverse));
  return {};
}

// Rescales every group by its own random factors; `draw` makes one of them.
template <class Draw>
Status rescale_all(Model& model, const Arguments& arguments, std::string_view attack,
                   const Draw& draw) {
  if (auto status = check_linear_in_up(model, attack); !status) return status;
  for (const UnitGroup& group : model.anatomy().groups) {
    Random random(arguments.seed(), cat(attack, "/", group.label()));
    std::vector<float> factors;
    for (uint64_t i = 0; i < group.units; ++i) factors.push_back(draw(random));
    if (auto status = rescale(model, group, std::move(factors)); !status) return status;
  }
  return {};
}

}  // namespace

Status scale(Model& model, const Arguments& arguments) {
  const double decades = arguments.number("decades");
  return rescale_all(model, arguments, "scale", [&](Random& random) {
    return static_cast<float>(std::pow(10, random.uniform(-decades, decades)));
  });
}

Status flip(Model& model, const Arguments& arguments) {
  const double fraction = arguments.number("fraction");
  return rescale_all(model, arguments, "flip",
                     [&](Random& random) { return random.uniform() < fraction ? -1.0f : 1.0f; });
}

// Powers of two are exact in bf16 and f32, whose exponents reach this far.
Status rescale_extreme(Model& model, const Arguments& arguments) {
  for (const UnitGroup& group : model.anatomy().groups) {
    for (const View& view : {group.up, group.down}) {
      const checkpoint::DType type = model.checkpoint().tensors()[view.tensor].dtype;
      if (type == checkpoint::DType::bf16 || type == checkpoint::DType::f32) continue;
      return Error(ErrorCode::unsupported,
                   cat(group.label(), ": 'rescale-extreme' needs weights in bf16 or f32"));
    }
  }
  const auto factor = std::ldexp(1.0f, static_cast<int>(arguments.whole("exponent")));
  return rescale_all(model, arguments, "rescale-extreme", [&](Random&) { return factor; });
}

}  // namespace wmk::lab
