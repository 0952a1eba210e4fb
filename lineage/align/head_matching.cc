#include "lineage/align/head_matching.h"

#include <algorithm>

#include "lineage/model/progress_stage.h"
#include "mpi/shared_tasks.h"
#include "stats/assignment.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

// How much larger than in order the mean cosine at the coordinates for testing must be.
constexpr double kMovedMin = 0.1;
constexpr size_t kMovedTesting = 64;  // so many coordinates are enough

// Cosines of circuits, heads of `rows` x heads of `columns`.
std::vector<float> inner_cosines(const HeadCircuits& rows, const HeadCircuits& columns) {
  const size_t entries = rows.matching * rows.matching;
  std::vector<float> out(rows.heads * columns.heads);
  stats::gemm(stats::Op::plain, stats::Op::transposed, rows.heads, columns.heads, entries,
              rows.inner.data(), entries, columns.inner.data(), entries, 0.0f, out.data(),
              columns.heads);
  return out;
}

// A square block of cosines: `size` rows and columns of `stride` numbers.
struct Block {
  const float* first;
  size_t size, stride;
};

// The column of each row and the sum of these cosines.
struct Assigned {
  std::vector<size_t> columns;
  double sum = 0;
};

Assigned assigned(const Block& block) {
  std::vector<float> score;
  for (size_t i = 0; i < block.size; ++i) {
    const float* row = block.first + i * block.stride;
    score.insert(score.end(), row, row + block.size);
  }
  Assigned out{stats::assign(score, block.size, block.size), 0};
  for (size_t i = 0; i < block.size; ++i) out.sum += score[i * block.size + out.columns[i]];
  return out;
}

// Mean cosine of two heads at the coordinates for testing.
double outer_cosine(const HeadCircuits& b, size_t of_b, const HeadCircuits& a, size_t of_a) {
  const size_t row = 2 * a.matching;
  if (a.testing == 0) return 0;
  const double sum = stats::dot(b.outer_at(of_b, 0), a.outer_at(of_a, 0), a.testing * row);
  return sum / (2 * static_cast<double>(a.testing));
}

Result<HeadOrder> order_in(const ModelPair& pair, const LayerPair& both, const Basis& of_b,
                           const Basis& of_a, size_t matching) {
  const auto* b = head_layer(pair.suspect, both.suspect);
  const auto* a = head_layer(pair.reference, both.reference);
  if (!a || !b || a->heads != b->heads || a->kv_heads != b->kv_heads) return HeadOrder();
  if (a->by_expert || b->by_expert) return HeadOrder();  // groups are not in a row
  auto circuits_b = head_circuits(pair.suspect, *b, of_b, matching);
  if (!circuits_b) return std::move(circuits_b).error();
  auto circuits_a = head_circuits(pair.reference, *a, of_a, matching);
  if (!circuits_a) return std::move(circuits_a).error();
  return head_order(*circuits_b, *circuits_a);
}

}  // namespace

std::vector<MatchedHeads> match_heads(const HeadCircuits& suspect, const HeadCircuits& reference) {
  const bool is_smaller = suspect.heads <= reference.heads;
  const HeadCircuits &rows = is_smaller ? suspect : reference,
                     &columns = is_smaller ? reference : suspect;
  const auto places = stats::assign(inner_cosines(rows, columns), rows.heads, columns.heads);
  std::vector<MatchedHeads> out;
  for (size_t i = 0; i < places.size(); ++i) {
    out.push_back(is_smaller ? MatchedHeads{i, places[i]} : MatchedHeads{places[i], i});
  }
  return out;
}

HeadOrder head_order(const HeadCircuits& suspect, const HeadCircuits& reference) {
  const size_t heads = reference.heads, groups = reference.kv_heads, size = heads / groups;
  const auto cosines = inner_cosines(reference, suspect);
  std::vector<Assigned> within;
  std::vector<float> sums;
  for (size_t i = 0; i < groups; ++i) {
    for (size_t j = 0; j < groups; ++j) {
      within.push_back(assigned({&cosines[(i * heads + j) * size], size, heads}));
      sums.push_back(static_cast<float>(within.back().sum));
    }
  }
  const Assigned found = assigned({sums.data(), groups, groups});
  HeadOrder out{found.columns, {}};
  for (size_t i = 0; i < groups; ++i) {
    const size_t group = found.columns[i];
    for (const size_t head : within[i * groups + group].columns) {
      out.query.push_back(group * size + head);
    }
  }
  double gain = 0;
  for (size_t i = 0; i < heads; ++i) {
    gain += outer_cosine(suspect, out.query[i], reference, i);
    gain -= outer_cosine(suspect, i, reference, i);
  }
  return gain > kMovedMin * static_cast<double>(heads) ? out : HeadOrder();
}

Result<std::vector<HeadOrder>> head_orders(const ModelPair& pair, const Basis& basis,
                                           const std::vector<LayerPair>& layers) {
  const size_t width = pair.reference.width();
  CircuitCoordinates coordinates = circuit_coordinates(width, pair.seed, {});
  coordinates.testing.resize(std::min(kMovedTesting, coordinates.testing.size()));
  const size_t matching = coordinates.matching.size();
  const Basis of_b = coordinates.of(basis), of_a = coordinates.of(Basis::identity(width));
  std::vector<HeadOrder> out(layers.size());
  ProgressStage stage(pair, "order of heads", layers.size());
  auto status = mpi::for_tasks(pair.is_shared, pair.threads, out, [&](size_t i) -> Status {
    auto found = order_in(pair, layers[i], of_b, of_a, matching);
    if (!found) return std::move(found).error();
    out[i] = *std::move(found);
    stage.advance();
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace wmk::lineage
