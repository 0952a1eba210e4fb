// dummy-neurons: adds neurons that repeat a few patterns, the same in all layers, and next to
// nothing to the output.
#include <cmath>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/neuron_rows.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

struct Dummies {
  double fraction = 0;
  uint64_t patterns = 0, width = 0, seed = 0;

  uint64_t count(uint64_t units) const {
    return static_cast<uint64_t>(fraction * static_cast<double>(units));
  }
};

// Rows with the root mean square of the others, times `factor`.
void append_dummies(Values& rows, const Dummies& dummies, std::string_view kind, float factor) {
  const uint64_t count = dummies.count(rows.size() / dummies.width);
  double squares = 0;
  for (const float value : rows) squares += double(value) * value;
  const auto scale = static_cast<float>(
      std::sqrt(squares / static_cast<double>(std::max<size_t>(rows.size(), 1))));
  Random random(dummies.seed, cat("dummy-neurons/", kind));
  Values patterns(dummies.patterns * dummies.width);
  for (float& value : patterns) value = scale * factor * random.gaussian();
  for (uint64_t i = 0; i < count; ++i) {
    const auto begin =
        patterns.begin() + static_cast<ptrdiff_t>(i % dummies.patterns * dummies.width);
    rows.insert(rows.end(), begin, begin + static_cast<ptrdiff_t>(dummies.width));
  }
}

}  // namespace

Status dummy_neurons(Model& model, const Arguments& arguments) {
  const Dummies dummies{arguments.number("fraction"), arguments.whole("patterns"),
                        model.anatomy().width, arguments.seed()};
  const auto factor = std::ldexp(1.0f, -static_cast<int>(arguments.whole("exponent")));
  return change_neurons(
      model, "dummy-neurons", [&](uint64_t units) { return units + dummies.count(units); },
      [&](const UnitGroup&) {
        return GroupChange{[=](Values& rows) { append_dummies(rows, dummies, "gate", 1); },
                           [=](Values& rows) { append_dummies(rows, dummies, "up", 1); },
                           [=](Values& rows) { append_dummies(rows, dummies, "down", factor); }};
      });
}

}  // namespace wmk::lab
