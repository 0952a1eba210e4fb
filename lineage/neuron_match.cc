#include "lineage/neuron_match.h"

#include <algorithm>
#include <cmath>

#include "lineage/hubs.h"
#include "lineage/neuron_sample.h"
#include "stats/row_products.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;
using checkpoint::View;

constexpr uint64_t kPanel = 256;      // neurons of the other layer at a time
constexpr uint64_t kHubSample = 512;  // rows from which shared directions are found

enum class Matrix { gate, up, down };

const View& view_of(const UnitGroup& group, Matrix matrix) {
  if (matrix == Matrix::gate) return group.gate ? *group.gate : group.up;
  return matrix == Matrix::up ? group.up : group.down;
}

VectorSource source_of(const Side& side, const UnitGroup& group, Matrix matrix,
                       const Gauge* gauge) {
  const auto& gain = matrix == Matrix::down ? group.out_gain : group.in_gain;
  return {&side, view_of(group, matrix), gain ? &side.anatomy->gains[*gain] : nullptr, gauge};
}

Result<std::vector<float>> load_runs(const Side& side, const std::vector<UnitRun>& runs,
                                     Matrix matrix, const Gauge* gauge) {
  std::vector<float> out;
  for (const UnitRun& run : runs) {
    const UnitGroup& group = side.anatomy->groups[run.group];
    auto rows = load_vectors(source_of(side, group, matrix, gauge), run.first, run.count);
    if (!rows) return std::move(rows).error();
    out.insert(out.end(), rows->begin(), rows->end());
  }
  return out;
}

// One matrix of the matching: queries against every neuron of the other layer.
class MatrixMatch {
 public:
  MatrixMatch(const MatchRequest& request, Matrix matrix, std::span<const float> queries, Hubs hubs)
      : request_(request),
        matrix_(matrix),
        queries_(queries, queries.size() / hubs.width, hubs.width, stats::TilePrecision::one_term),
        hubs_(std::move(hubs)),
        best_(queries_.rows(), -1.0f) {}

  // `on_best` learns a better partner, `on_value` every product.
  template <class OnBest, class OnValue>
  Status run(const std::vector<int64_t>& own, const OnBest& on_best, const OnValue& on_value) {
    const Side& side = *request_.others;
    uint64_t number = 0;
    for (const size_t g : groups_of_layer(*side.anatomy, request_.other_layer)) {
      const UnitGroup& group = side.anatomy->groups[g];
      for (uint64_t first = 0; first < group.units; first += kPanel) {
        const uint64_t count = std::min(kPanel, group.units - first);
        auto rows = load_vectors(source_of(side, group, matrix_, nullptr), first, count);
        if (!rows) return std::move(rows).error();
        hubs_.remove(*rows);
        compare(*rows, count, number, own, on_best, on_value);
        number += count;
      }
    }
    return {};
  }

 private:
  template <class OnBest, class OnValue>
  void compare(const std::vector<float>& rows, size_t count, uint64_t number,
               const std::vector<int64_t>& own, const OnBest& on_best, const OnValue& on_value) {
    queries_.of(rows, count, 1, products_);
    const bool is_signed = matrix_ == Matrix::gate;
    for (size_t j = 0; j < count; ++j) {
      const float* products = &products_[j * queries_.stride()];
      for (size_t i = 0; i < best_.size(); ++i) {
        const float value = products[i];
        if (static_cast<int64_t>(number + j) == own[i]) continue;
        on_value(i, number + j, value);
        const float size = is_signed ? value : std::fabs(value);
        if (size > best_[i]) {
          best_[i] = size;
          on_best(i, number + j, size);
        }
      }
    }
  }

  const MatchRequest& request_;
  Matrix matrix_;
  stats::RowProducts queries_;
  Hubs hubs_;  // of the other side
  std::vector<float> best_, products_;
};

bool has_direction(const float* row, size_t width) {
  return std::any_of(row, row + width, [](float v) { return v != 0; });
}

Result<MatrixMatch> prepare(const MatchRequest& request, const std::vector<UnitRun>& runs,
                            Matrix matrix, std::vector<NeuronMatch>& matches) {
  const size_t width = request.others->width();
  auto queries = load_runs(*request.queries, runs, matrix, request.gauge);
  if (!queries) return std::move(queries).error();
  const bool is_gate = matrix == Matrix::gate;
  Hubs::find(*queries, width, is_gate).remove(*queries);
  for (size_t i = 0; i < matches.size(); ++i) {
    matches[i].alive = matches[i].alive && has_direction(&(*queries)[i * width], width);
  }
  const auto sample =
      sample_runs(*request.others, request.other_layer, kHubSample, request.seed, "hubs");
  auto rows = load_runs(*request.others, sample, matrix, nullptr);
  if (!rows) return std::move(rows).error();
  return MatrixMatch(request, matrix, *queries, Hubs::find(*rows, width, is_gate));
}

// By query: its own number among the others, or -1.
std::vector<int64_t> own_numbers(const MatchRequest& request,
                                 const std::vector<NeuronMatch>& matches) {
  std::vector<int64_t> own(matches.size(), -1);
  if (!request.not_itself) return own;
  for (size_t i = 0; i < matches.size(); ++i) {
    uint64_t number = matches[i].unit;
    for (const size_t g : groups_of_layer(*request.others->anatomy, request.other_layer)) {
      if (g == matches[i].group) break;
      number += request.others->anatomy->groups[g].units;
    }
    own[i] = static_cast<int64_t>(number);
  }
  return own;
}

}  // namespace

Result<LayerMatch> match_neurons(const MatchRequest& request) {
  LayerMatch out;
  out.gated = request.queries->anatomy->gated && request.others->anatomy->gated;
  out.neurons = units_of_layer(*request.others->anatomy, request.other_layer);
  const auto runs =
      sample_runs(*request.queries, request.query_layer, request.samples, request.seed, "neurons");
  for (const UnitRun& run : runs) {
    for (uint64_t i = 0; i < run.count; ++i) {
      out.matches.push_back({run.group, run.first + i, true, 0, 0, 0, 0, 0});
    }
  }
  auto& matches = out.matches;
  const auto own = own_numbers(request, matches);
  const auto ignore = [](size_t, uint64_t, float) {};
  // Without gates the up rows take their place, and nothing is said about signs.
  auto gates = prepare(request, runs, Matrix::gate, matches);
  if (!gates) return std::move(gates).error();
  auto status = gates->run(
      own,
      [&](size_t i, uint64_t j, float value) {
        matches[i].by_gate = j;
        matches[i].gate_cosine = value;
      },
      ignore);
  if (!status) return std::move(status).error();
  const auto add_x = [&](size_t i, uint64_t j, float value) {
    if (j == matches[i].by_gate) matches[i].x += value;
  };
  for (const Matrix matrix : {Matrix::up, Matrix::down}) {
    auto match = prepare(request, runs, matrix, matches);
    if (!match) return std::move(match).error();
    status = match->run(
        own,
        [&](size_t i, uint64_t j, float) {
          (matrix == Matrix::up ? matches[i].by_up : matches[i].by_down) = j;
        },
        add_x);
    if (!status) return std::move(status).error();
  }
  return out;
}

}  // namespace wmk::lineage
