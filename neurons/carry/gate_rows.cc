#include "neurons/carry/gate_rows.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "checkpoint/layout/unit_block.h"
#include "neurons/carry/merge_gates.h"
#include "neurons/carry/written_span.h"

namespace wmk::neurons {

GateRows::GateRows(const Model& model, Rows basis, RowChoice choice)
    : model_(model), basis_(std::move(basis)), choice_(choice) {
  const auto& groups = model_.anatomy->groups;
  std::map<std::pair<std::string, uint64_t>, size_t> places;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto [place, is_new] =
        places.try_emplace({groups[g].part, groups[g].layer}, layers_.size());
    if (is_new) layers_.emplace_back();
    layers_[place->second].push_back(g);
  }
}

uint64_t GateRows::layer_number(size_t layer) const {
  return model_.anatomy->groups[layers_[layer].front()].layer;
}

std::vector<GateRows::Panel> GateRows::panels(size_t layer, uint64_t limit) const {
  constexpr uint64_t side = checkpoint::kPanelUnits;
  const uint64_t each = std::max(side, limit / layers_[layer].size() / side * side);
  std::vector<Panel> out;
  for (const size_t group : layers_[layer]) {
    const uint64_t units = model_.anatomy->groups[group].units;
    const uint64_t all = (units + side - 1) / side, kept = std::min(all, each / side);
    for (uint64_t i = 0; i < kept; ++i) {
      const uint64_t first = i * all / kept * side;
      out.push_back({group, first, std::min(side, units - first)});
    }
  }
  return out;
}

Result<std::vector<uint32_t>> GateRows::choose(const std::vector<Panel>& panels, const Rows& gates,
                                               unsigned threads) const {
  MergeInput input{gates, width(), panels.empty() ? 0 : gates.count};
  std::vector<size_t> starts;
  size_t rows = 0;
  for (const Panel& panel : panels) {
    starts.push_back(rows);
    for (uint64_t i = 0; i < panel.units; ++i) input.ffn[rows + i] = panel.group;
    rows += panel.units;
  }
  Status status = parallel_for(panels.size(), threads, [&](size_t p, unsigned) -> Status {
    for (const RowKind kind : {RowKind::up, RowKind::down}) {
      Rows vectors;
      std::vector<int> exponents;
      Status read = read_rows(model_, panels[p].group, kind, panels[p].first, panels[p].units,
                              vectors, exponents);
      if (!read) return read;
      to_basis(basis_, vectors);
      input.add(kind, starts[p], vectors, exponents);
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return strong_neurons(input, threads);
}

Result<Rows> GateRows::read(size_t layer, uint64_t limit, unsigned threads) {
  const std::vector<Panel> sample = panels(layer, limit);
  std::vector<size_t> starts;
  size_t count = 0;
  for (const Panel& panel : sample) {
    starts.push_back(count);
    count += panel.units;
  }
  Rows out{count, width(), std::vector<float>(count * width())};
  Status status = parallel_for(sample.size(), threads, [&](size_t p, unsigned) -> Status {
    Rows rows;
    std::vector<int> exponents;
    Status read = read_rows(model_, sample[p].group, RowKind::gate, sample[p].first,
                            sample[p].units, rows, exponents);
    if (!read) return read;
    to_basis(basis_, rows);
    normalise(rows);
    std::copy(rows.values.begin(), rows.values.end(), out.row(starts[p]));
    return {};
  });
  if (!status) return std::move(status).error();
  auto& chosen = chosen_[{layer, limit}];
  if (chosen.empty() && count > 0) {
    if (choice_ == RowChoice::strong) {
      auto strong = choose(sample, out, threads);
      if (!strong) return std::move(strong).error();
      chosen = *std::move(strong);
    } else {
      for (size_t i = 0; i < count; ++i) {
        if (!is_zero(out, i)) chosen.push_back(static_cast<uint32_t>(i));
      }
    }
  }
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] != i) std::copy_n(out.row(chosen[i]), out.width, out.row(i));
  }
  out.count = chosen.size();
  out.values.resize(out.count * out.width);
  return out;
}

}  // namespace wmk::neurons
