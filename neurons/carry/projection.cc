#include "neurons/carry/projection.h"

#include <algorithm>

#include "base/parallel.h"
#include "neurons/rows/fixed_signs.h"
#include "neurons/rows/row_parts.h"
#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

constexpr size_t kProjections = 1024;
constexpr size_t kProjectedAtOnce = 256;

}  // namespace

Projection::Projection(const std::vector<float>& o, size_t suspect_width, size_t release_width)
    : width_(release_width), o_(o) {
  if (release_width <= kWide) return;
  width_ = kProjections;
  signs_ = fixed_signs(release_width * width_, "projections");
  projected_.resize(suspect_width * width_);
  stats::gemm(stats::Op::plain, stats::Op::plain, suspect_width, width_, release_width, o.data(),
              release_width, signs_.data(), width_, 0.0f, projected_.data(), width_);
}

Rows Projection::of(Rows release, unsigned threads) const {
  if (signs_.empty()) return release;
  Rows out{release.count, width_, std::vector<float>(release.count * width_)};
  const size_t tasks = (release.count + kProjectedAtOnce - 1) / kProjectedAtOnce;
  (void)parallel_for(tasks, threads, [&](size_t i, unsigned) -> Status {
    const size_t first = i * kProjectedAtOnce;
    stats::gemm(stats::Op::plain, stats::Op::plain,
                std::min(kProjectedAtOnce, release.count - first), width_, release.width,
                release.row(first), release.width, signs_.data(), width_, 0.0f, out.row(first),
                width_);
    return {};
  });
  normalise(out, threads);
  return out;
}

}  // namespace wmk::neurons
