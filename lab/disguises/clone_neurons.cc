// clone-neurons: each neuron becomes several with the same gate. Their up rows are A [u w 0] and
// their down rows A [v 0 x], with an orthogonal A and noise w and x, so that the sum of up (x) down
// is u (x) v as before.
#include <cmath>
#include <memory>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/neuron_rows.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using Mixes = std::vector<float>;  // one orthogonal matrix [clones, clones] for each neuron

// Gram-Schmidt on columns; the first is constant, so that each clone has an equal part.
void append_mix(Mixes& mixes, size_t n, Random& random) {
  std::vector<std::vector<double>> columns(n, std::vector<double>(n, 1 / std::sqrt(double(n))));
  for (size_t k = 1; k < n; ++k) {
    for (double& value : columns[k]) value = random.gaussian();
    for (size_t before = 0; before < k; ++before) {
      double along = 0;
      for (size_t i = 0; i < n; ++i) along += columns[k][i] * columns[before][i];
      for (size_t i = 0; i < n; ++i) columns[k][i] -= along * columns[before][i];
    }
    double squares = 0;
    for (const double value : columns[k]) squares += value * value;
    for (double& value : columns[k]) value /= std::sqrt(squares);
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) mixes.push_back(static_cast<float>(columns[k][i]));
  }
}

struct Cloning {
  uint64_t clones = 0;
  float noise = 0;  // length beside that of the row
  uint64_t width = 0;
  std::shared_ptr<const Mixes> mixes;
  // Columns of A, other than the first, whose noise this matrix takes.
  size_t first = 0, last = 0;
};

float length_of(std::span<const float> row) {
  double squares = 0;
  for (const float value : row) squares += double(value) * value;
  return static_cast<float>(std::sqrt(squares));
}

// Adds the noise of one column of A to the clones of one neuron.
void add_column(std::span<float> clones, const Cloning& how, const float* mix, size_t column,
                float length, Random& random) {
  const float scale = how.noise * length / std::sqrt(static_cast<float>(how.width));
  for (uint64_t i = 0; i < how.width; ++i) {
    const float value = scale * random.gaussian();
    for (uint64_t c = 0; c < how.clones; ++c) {
      clones[c * how.width + i] += mix[c * how.clones + column] * value;
    }
  }
}

void mix_rows(Values& rows, const Cloning& how, Random random) {
  const uint64_t units = rows.size() / how.width, n = how.clones;
  Values out(rows.size() * n);
  for (uint64_t unit = 0; unit < units; ++unit) {
    const std::span row(rows.data() + unit * how.width, how.width);
    const std::span clones(out.data() + unit * n * how.width, n * how.width);
    const float* mix = how.mixes->data() + unit * n * n;
    for (uint64_t c = 0; c < n; ++c) {
      for (uint64_t i = 0; i < how.width; ++i) clones[c * how.width + i] = mix[c * n] * row[i];
    }
    const float length = length_of(row);
    for (size_t k = how.first; k < how.last; ++k) {
      add_column(clones, how, mix, k, length, random);
    }
  }
  rows = std::move(out);
}

void repeat_rows(Values& rows, uint64_t width, uint64_t times) {
  Values out;
  out.reserve(rows.size() * times);
  for (size_t begin = 0; begin < rows.size(); begin += width) {
    for (uint64_t c = 0; c < times; ++c) {
      out.insert(out.end(), rows.begin() + static_cast<ptrdiff_t>(begin),
                 rows.begin() + static_cast<ptrdiff_t>(begin + width));
    }
  }
  rows = std::move(out);
}

}  // namespace

Status clone_neurons(Model& model, const Arguments& arguments) {
  const uint64_t clones = arguments.whole("clones"), seed = arguments.seed();
  const auto noise = static_cast<float>(arguments.number("noise"));
  const uint64_t width = model.anatomy().width;
  return change_neurons(
      model, "clone-neurons", [&](uint64_t units) { return clones * units; },
      [&](const UnitGroup& group) {
        Random random(seed, cat("clone-neurons/", group.label()));
        auto mixes = std::make_shared<Mixes>();
        for (uint64_t i = 0; i < group.units; ++i) append_mix(*mixes, clones, random);
        const size_t half = clones / 2 + 1;  // up takes the noise of columns 1 to half - 1
        const Cloning up{clones, noise, width, mixes, 1, half};
        const Cloning down{clones, noise, width, mixes, half, clones};
        const Random for_up(seed, cat("clone-neurons/up/", group.label()));
        const Random for_down(seed, cat("clone-neurons/down/", group.label()));
        return GroupChange{[=](Values& rows) { repeat_rows(rows, width, clones); },
                           [=](Values& rows) { mix_rows(rows, up, for_up); },
                           [=](Values& rows) { mix_rows(rows, down, for_down); }};
      });
}

}  // namespace wmk::lab
