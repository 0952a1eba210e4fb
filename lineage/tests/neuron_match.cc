#include "lineage/tests/neuron_match.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "lineage/model/sampling.h"
#include "lineage/model/vector_reader.h"
#include "lineage/tests/dominant_directions.h"
#include "lineage/tests/neuron_strengths.h"
#include "stats/row_products.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;
using checkpoint::View;

constexpr uint64_t kDirectionSample = 512;  // rows from which dominant directions are found

enum class Matrix { gate, up, down };

const View& view_of(const UnitGroup& group, Matrix matrix) {
  if (matrix == Matrix::gate) return group.gate ? *group.gate : group.up;
  return matrix == Matrix::up ? group.up : group.down;
}

VectorSource source_of(const Side& side, const UnitGroup& group, Matrix matrix,
                       const Basis* basis) {
  const auto& norm = matrix == Matrix::down ? group.out_norm : group.in_norm;
  return {&side, view_of(group, matrix), norm_weight_of(side, norm), basis};
}

Result<std::vector<float>*> read_runs(const Side& side, const std::vector<NeuronRun>& runs,
                                      Matrix matrix, const Basis* basis, VectorReader& reader) {
  return reader.read_runs(runs, [&](size_t group) {
    return source_of(side, side.anatomy->groups[group], matrix, basis);
  });
}

bool has_direction(const float* row, size_t width) {
  return std::any_of(row, row + width, [](float v) { return v != 0; });
}

// The sampled neurons of one layer, compared matrix by matrix with panels of the other layer.
class LayerQueries {
 public:
  LayerQueries(const MatchRequest& request, uint64_t layer) : request_(request) {
    out_.gated = request.queries->anatomy->gated && request.others->anatomy->gated;
    out_.neurons = neurons_of_layer(*request.others->anatomy, request.other_layer);
    runs_ = sample_runs(*request.queries, layer, request.samples, request.seed, "neurons");
    for (const NeuronRun& run : runs_) {
      for (uint64_t i = 0; i < run.count; ++i) {
        out_.matches.push_back({run.group, run.first + i, true, 0, 0, 0, 0, 0});
      }
    }
    strengths_ = NeuronStrengths(out_.matches.size());
    number_own();
  }

  Status begin(Matrix matrix, VectorReader& reader) {
    matrix_ = matrix;
    const size_t width = request_.others->width();
    auto found = read_runs(*request_.queries, runs_, matrix, request_.basis, reader);
    if (!found) return std::move(found).error();
    std::vector<float>* rows = *found;
    if (matrix != Matrix::gate) strengths_.add(*rows, width);
    DominantDirections::find(*rows, width, matrix == Matrix::gate).remove(*rows);
    for (size_t i = 0; i < out_.matches.size(); ++i) {
      NeuronMatch& match = out_.matches[i];
      match.alive = match.alive && has_direction(&(*rows)[i * width], width);
    }
    best_.assign(out_.matches.size(), -1.0f);
    queries_.emplace(*rows, out_.matches.size(), width, stats::TilePrecision::one_term);
    return {};
  }

  // `rows` belong to the other layer's neurons from `number` on.
  void compare(std::span<const float> rows, size_t count, uint64_t number) {
    queries_->of(rows, count, packed_, products_);
    for (size_t j = 0; j < count; ++j) {
      const float* products = &products_[j * queries_->stride()];
      for (size_t i = 0; i < best_.size(); ++i) consider(i, number + j, products[i]);
    }
  }

  // After the gates.
  bool has_partner_above(double cosine) const {
    return std::any_of(best_.begin(), best_.end(), [=](float best) { return best > cosine; });
  }

  // After all matrices that are searched.
  LayerMatch take() && {
    const std::vector<bool> weak = strengths_.are_weak();
    for (size_t i = 0; i < weak.size(); ++i) {
      if (weak[i]) out_.matches[i].alive = false;
    }
    return std::move(out_);
  }

 private:
  void consider(size_t i, uint64_t other, float cosine) {
    NeuronMatch& match = out_.matches[i];
    if (static_cast<int64_t>(other) == own_[i]) return;
    const bool is_gate = matrix_ == Matrix::gate;
    if (!is_gate && other == match.by_gate) match.x += cosine;
    const float size = is_gate ? cosine : std::fabs(cosine);
    if (!(size > best_[i])) return;
    best_[i] = size;
    (is_gate ? match.by_gate : matrix_ == Matrix::up ? match.by_up : match.by_down) = other;
    if (is_gate) match.gate_cosine = size;
  }

  // The number of each query among the others, or -1.
  void number_own() {
    own_.assign(out_.matches.size(), -1);
    for (size_t i = 0; i < own_.size() && request_.exclude_self; ++i) {
      uint64_t number = out_.matches[i].neuron;
      for (const size_t g : groups_of_layer(*request_.others->anatomy, request_.other_layer)) {
        if (g == out_.matches[i].group) break;
        number += request_.others->anatomy->groups[g].units;
      }
      own_[i] = static_cast<int64_t>(number);
    }
  }

  const MatchRequest& request_;
  LayerMatch out_;
  std::vector<NeuronRun> runs_;
  std::vector<int64_t> own_;
  NeuronStrengths strengths_{0};
  Matrix matrix_ = Matrix::gate;
  std::optional<stats::RowProducts> queries_;
  stats::RowProducts::PackedRows packed_;
  std::vector<float> best_, products_;
};

Result<DominantDirections> directions_of_others(const MatchRequest& request, Matrix matrix,
                                                VectorReader& reader) {
  const auto sample =
      sample_runs(*request.others, request.other_layer, kDirectionSample, request.seed, "hubs");
  auto rows = read_runs(*request.others, sample, matrix, nullptr, reader);
  if (!rows) return std::move(rows).error();
  return DominantDirections::find(**rows, request.others->width(), matrix == Matrix::gate);
}

Status compare_all(const MatchRequest& request, Matrix matrix, std::vector<LayerQueries>& queries,
                   VectorReader& reader) {
  const auto directions = directions_of_others(request, matrix, reader);
  if (!directions) return directions.error();
  const Side& side = *request.others;
  uint64_t before = 0;
  for (const size_t g : groups_of_layer(*side.anatomy, request.other_layer)) {
    const UnitGroup& group = side.anatomy->groups[g];
    auto status =
        reader.for_each(source_of(side, group, matrix, nullptr), group.units,
                        [&](std::vector<float>& rows, uint64_t first, uint64_t count) -> Status {
                          directions->remove(rows);
                          for (LayerQueries& layer : queries)
                            layer.compare(rows, count, before + first);
                          return {};
                        });
    if (!status) return status;
    before += group.units;
  }
  return {};
}

}  // namespace

Result<std::vector<LayerMatch>> match_neurons(const MatchRequest& request) {
  VectorReader reader;
  std::vector<LayerQueries> queries;
  for (const uint64_t layer : request.query_layers) queries.emplace_back(request, layer);
  // Without gates the up rows take their place, and signs are not tested.
  const auto is_some_gate_close = [&] {
    return std::any_of(queries.begin(), queries.end(), [&](const LayerQueries& layer) {
      return layer.has_partner_above(request.gate_cosine_min);
    });
  };
  for (const Matrix matrix : {Matrix::gate, Matrix::up, Matrix::down}) {
    if (matrix == Matrix::up && request.gate_cosine_min > -1 && !is_some_gate_close()) break;
    for (LayerQueries& layer : queries) {
      if (auto status = layer.begin(matrix, reader); !status) return std::move(status).error();
    }
    auto status = compare_all(request, matrix, queries, reader);
    if (!status) return std::move(status).error();
  }
  std::vector<LayerMatch> out;
  for (LayerQueries& layer : queries) out.push_back(std::move(layer).take());
  return out;
}

}  // namespace wmk::lineage
