#include "lineage/forensics/quantisation_grid_shares.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/layer_matrices.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kGridRows = 4;
constexpr size_t kGridBlocksOfRow = 16;  // of each length, evenly spread
constexpr double kHalfStep = 0.6;        // with some room for rounding

struct GridTask {
  std::string_view name;
  StoredRows suspect, reference;
  uint64_t first = 0, count = 0;
};

// Matrices of equal name and shape, and which of their rows are read.
std::vector<GridTask> grid_tasks(const ModelPair& pair, const std::vector<LayerPair>& layers) {
  std::vector<GridTask> out;
  auto random = random_for(pair.seed, "grids");
  const bool same_order =
      pair.suspect.attention.interleaved == pair.reference.attention.interleaved;
  for (const size_t place : evenly(layers.size(), kSampledLayers)) {
    const auto of_a = more_matrices_of_layer(pair.reference, layers[place].reference);
    for (const auto& b : more_matrices_of_layer(pair.suspect, layers[place].suspect)) {
      const auto a = std::find_if(of_a.begin(), of_a.end(),
                                  [&](const WeightMatrix& m) { return m.name == b.name; });
      if (a == of_a.end() || (b.name == "q" && !same_order)) continue;
      const auto rows_b = stored_rows(b.view, b.rows, pair.suspect.width());
      const auto rows_a = stored_rows(a->view, a->rows, pair.reference.width());
      if (!rows_a || !rows_b || rows_a->rows != rows_b->rows || rows_a->length != rows_b->length) {
        continue;
      }
      const uint64_t count = std::min(kGridRows, rows_b->rows);
      out.push_back({b.name, *rows_b, *rows_a, below(random, rows_b->rows - count + 1), count});
    }
  }
  return out;
}

struct RowsRead {
  std::vector<float> values;
  StoredRounding rounding;
};

Result<RowsRead> read_rows(const Side& side, const StoredRows& rows, uint64_t first,
                           uint64_t count) {
  auto values = rows.read(*side.checkpoint, first, count);
  if (!values) return std::move(values).error();
  const auto& tensor = side.checkpoint->tensors()[rows.view.tensor];
  return RowsRead{*std::move(values), StoredRounding::of(tensor.dtype, tensor.encoding != nullptr)};
}

// Is `value` the level nearest to `original`?
bool is_nearest(std::span<const float> block, const BlockGrid& grid, float value, float original) {
  const double distance = std::abs(double{value} - double{original});
  if (grid.step > 0) return distance <= grid.step * kHalfStep;
  return std::none_of(block.begin(), block.end(), [&](float level) {
    return std::abs(double{level} - double{original}) < distance;
  });
}

void count_block(std::span<const float> b, const StoredRounding& rounding_b,
                 std::span<const float> a, const StoredRounding& rounding_a, GridCount& to) {
  to.blocks += 1;
  const auto grid = grid_of(b, rounding_b);
  if (!grid) return;
  to.suspect_on += 1;
  to.reference_on += grid_of(a, rounding_a).has_value();
  to.by_bits[static_cast<size_t>(grid->bits)] += 1;
  to.values += b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    to.nearest += is_nearest(b, *grid, b[i], a[i]);
    to.nearest_shifted += is_nearest(b, *grid, b[i], a[(i + 1) % a.size()]);
  }
}

}  // namespace

GridCounts grid_counts(std::span<const float> suspect, const StoredRounding& suspect_rounding,
                       std::span<const float> reference, const StoredRounding& reference_rounding,
                       size_t length) {
  GridCounts out;
  for (size_t which = 0; which < kGridBlocks.size(); ++which) {
    const size_t size = kGridBlocks[which] == 0 ? length : kGridBlocks[which];
    if (which > 0 && size >= length) continue;
    for (size_t row = 0; row < suspect.size(); row += length) {
      for (const size_t block : evenly(length / size, kGridBlocksOfRow)) {
        const size_t at = row + block * size;
        count_block(suspect.subspan(at, size), suspect_rounding, reference.subspan(at, size),
                    reference_rounding, out[which]);
      }
    }
  }
  return out;
}

Result<TestResult> grid_shares(const ModelPair& pair, const std::vector<LayerPair>& layers) {
  TestResult out;
  out.name = "T7 quantisation grid";
  out.statistic = "share of the suspect's blocks that lie on a quantisation grid of few bits";
  out.null = "none: never scored";
  out.note = "there are no two matrices of equal shape";
  const auto tasks = grid_tasks(pair, layers);
  if (tasks.empty()) return out;
  std::vector<GridCounts> found(tasks.size());
  auto status = parallel_for(tasks.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const GridTask& task = tasks[i];
    auto b = read_rows(pair.suspect, task.suspect, task.first, task.count);
    if (!b) return std::move(b).error();
    auto a = read_rows(pair.reference, task.reference, task.first, task.count);
    if (!a) return std::move(a).error();
    found[i] = grid_counts(b->values, b->rounding, a->values, a->rounding, task.suspect.length);
    return {};
  });
  if (!status) return std::move(status).error();
  GridsByName by_name;
  for (size_t i = 0; i < tasks.size(); ++i) {
    GridCounts& sums = by_name[tasks[i].name];
    for (size_t k = 0; k < sums.size(); ++k) sums[k].add(found[i][k]);
  }
  return grid_result(by_name, std::move(out));
}

}  // namespace wmk::lineage
