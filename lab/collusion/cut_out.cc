#include "lab/collusion/cut_out.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lab/model/units.h"
#include "lab/random.h"
#include "stats/gemm.h"
#include "stats/spectral.h"

namespace wmk::lab {
namespace {

using stats::Op;

constexpr size_t kUnitsAtOnce = 256;
constexpr int kIterations = 12;  // of the subspace; the noise behind it is several times weaker

// The vectors of one kind of a group, and the norm weights that fold into them; empty: ones.
struct Vectors {
  View view;
  uint64_t units = 0;
  std::span<const float> norm;
};

std::optional<Vectors> vectors_of(const Model& model, const UnitGroup& group, size_t kind) {
  if (kind == 0 && !group.gate) return std::nullopt;
  const auto norm = kind == 2 ? group.out_norm : group.in_norm;
  Vectors out{kind == 0 ? *group.gate : kind == 1 ? group.up : group.down, group.units, {}};
  if (norm) out.norm = model.anatomy().norm_weights[*norm];
  return out;
}

// Copies `count` units from `first` to `out`, one vector after the other, folded.
void gather(const Values& values, const Vectors& vectors, uint64_t first, size_t count,
            size_t width, float* out) {
  for (size_t unit = 0; unit < count; ++unit) {
    const float* from =
        values.data() + vectors.view.first + (first + unit) * vectors.view.unit_stride;
    for (size_t k = 0; k < width; ++k, ++out) {
      *out = from[k * vectors.view.coordinate_stride];
      if (!vectors.norm.empty()) *out *= vectors.norm[k];
    }
  }
}

// The reverse; coordinates with a norm weight of zero stay.
void scatter(const float* in, const Vectors& vectors, uint64_t first, size_t count, size_t width,
             Values& values) {
  for (size_t unit = 0; unit < count; ++unit) {
    float* to = values.data() + vectors.view.first + (first + unit) * vectors.view.unit_stride;
    for (size_t k = 0; k < width; ++k, ++in) {
      const float weight = vectors.norm.empty() ? 1 : vectors.norm[k];
      if (weight != 0) to[k * vectors.view.coordinate_stride] = *in / weight;
    }
  }
}

// Second moments of the differences between two copies, each vector in units of its length.
void add_moments(const Values& ours, const Values& theirs, const Vectors& vectors, size_t width,
                 std::vector<float>& moments) {
  std::vector<float> a(kUnitsAtOnce * width), b(a.size());
  for (uint64_t first = 0; first < vectors.units; first += kUnitsAtOnce) {
    const size_t count = std::min<uint64_t>(kUnitsAtOnce, vectors.units - first);
    gather(ours, vectors, first, count, width, a.data());
    gather(theirs, vectors, first, count, width, b.data());
    for (size_t unit = 0; unit < count; ++unit) {
      double squares = 0;
      for (size_t k = 0; k < width; ++k)
        squares += double{a[unit * width + k]} * a[unit * width + k];
      const float scale = squares > 0 ? static_cast<float>(1 / std::sqrt(squares)) : 0;
      for (size_t i = unit * width; i < (unit + 1) * width; ++i) b[i] = (b[i] - a[i]) * scale;
    }
    stats::gemm(Op::transposed, Op::plain, width, width, count, b.data(), width, b.data(), width, 1,
                moments.data(), width);
  }
}

Result<std::vector<float>> moments_of(const Model& model, const Copies& copies, size_t kind) {
  const size_t width = model.anatomy().width;
  std::vector<float> moments(width * width);
  for (const UnitGroup& group : model.anatomy().groups) {
    const auto vectors = vectors_of(model, group, kind);
    if (!vectors) continue;
    auto ours = copies.read(0, vectors->view.tensor);
    if (!ours) return std::move(ours).error();
    for (size_t copy = 1; copy < copies.count(); ++copy) {
      auto theirs = copies.read(copy, vectors->view.tensor);
      if (!theirs) return std::move(theirs).error();
      add_moments(*ours, *theirs, *vectors, width, moments);
    }
  }
  return moments;
}

// Orthonormal rows that span the `count` strongest directions, by subspace iteration. Empty where
// the copies do not differ.
std::vector<float> strongest(const std::vector<float>& moments, size_t width, size_t count,
                             size_t kind) {
  Random random(1, cat("collude/kind ", kind));
  const std::vector<double> matrix(moments.begin(), moments.end());
  std::vector<double> basis(count * width), image(basis.size());
  for (double& value : basis) value = random.gaussian();
  for (int i = 0; i < kIterations; ++i) {
    stats::gemm(Op::plain, Op::plain, count, width, width, basis.data(), width, matrix.data(),
                width, 0, image.data(), width);
    auto next = stats::orthonormal_rows(image, count, width, 1e14);
    if (!next) return {};
    basis = std::move(*next);
  }
  return {basis.begin(), basis.end()};
}

Status remove(Values& values, const Vectors& vectors, size_t width,
              const std::vector<float>& basis) {
  const size_t directions = basis.size() / width;
  std::vector<float> block(kUnitsAtOnce * width), parts(kUnitsAtOnce * directions),
      along(block.size());
  for (uint64_t first = 0; first < vectors.units; first += kUnitsAtOnce) {
    const size_t count = std::min<uint64_t>(kUnitsAtOnce, vectors.units - first);
    gather(values, vectors, first, count, width, block.data());
    stats::gemm(Op::plain, Op::transposed, count, directions, width, block.data(), width,
                basis.data(), width, 0, parts.data(), directions);
    stats::gemm(Op::plain, Op::plain, count, width, directions, parts.data(), directions,
                basis.data(), width, 0, along.data(), width);
    for (size_t i = 0; i < count * width; ++i) block[i] -= along[i];
    scatter(block.data(), vectors, first, count, width, values);
  }
  return {};
}

}  // namespace

Status cut_out_differences(Model& model, const Copies& copies) {
  const size_t width = model.anatomy().width;
  const size_t half = std::bit_floor(width / 2);
  const size_t directions =
      std::min((copies.count() - 1) * std::min<size_t>(128, half), std::min<size_t>(1024, half));
  std::array<std::shared_ptr<const std::vector<float>>, 3> bases;
  auto status = parallel_for(3, default_threads(), [&](size_t kind, unsigned) -> Status {
    auto moments = moments_of(model, copies, kind);
    if (!moments) return std::move(moments).error();
    bases[kind] =
        std::make_shared<const std::vector<float>>(strongest(*moments, width, directions, kind));
    return {};
  });
  if (!status) return status;
  for (const UnitGroup& group : model.anatomy().groups) {
    for (size_t kind = 0; kind < bases.size(); ++kind) {
      const auto vectors = vectors_of(model, group, kind);
      if (!vectors || bases[kind]->empty()) continue;
      Values norm(vectors->norm.begin(), vectors->norm.end());
      edit(model, vectors->view,
           [view = vectors->view, units = group.units, norm = std::move(norm), width,
            basis = bases[kind]](Values& values) {
             return remove(values, {view, units, norm}, width, *basis);
           });
    }
  }
  model.note(cat(directions, " directions of each kind of FFN vector were cut out"));
  return {};
}

}  // namespace wmk::lab
