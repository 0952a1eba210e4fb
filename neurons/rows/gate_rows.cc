#include "neurons/rows/gate_rows.h"

#include <algorithm>
#include <numeric>

#include "base/memory/heap.h"
#include "base/parallel.h"
#include "checkpoint/layout/unit_block.h"
#include "neurons/rows/merge_gates.h"
#include "neurons/rows/written_span.h"

namespace wmk::neurons {

GateRows::GateRows(const Model& model, Rows basis, RowChoice choice)
    : RowSource(model, std::move(basis)), choice_(choice) {
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
  size_t start = 0;
  for (const size_t group : layers_[layer]) {
    const uint64_t units = model_.anatomy->groups[group].units;
    const uint64_t all = (units + side - 1) / side, kept = std::min(all, each / side);
    for (uint64_t i = 0; i < kept; ++i) {
      const uint64_t first = i * all / kept * side;
      out.push_back({group, first, std::min(side, units - first), start});
      start += out.back().units;
    }
  }
  return out;
}

// Those rows of the panels whose numbers are `wanted`, ascending.
Result<Rows> GateRows::gates(const std::vector<Panel>& panels, std::span<const uint32_t> wanted,
                             unsigned threads) const {
  Rows out{wanted.size(), width(), large_zeros(wanted.size() * width())};
  Status status = parallel_for(panels.size(), threads, [&](size_t p, unsigned) -> Status {
    const Panel& panel = panels[p];
    const auto first = std::lower_bound(wanted.begin(), wanted.end(), panel.start);
    const auto end = std::lower_bound(first, wanted.end(), panel.start + panel.units);
    if (first == end) return {};
    Rows rows;
    std::vector<int> exponents;
    Status read =
        read_rows(model_, panel.group, RowKind::gate, panel.first, panel.units, rows, exponents);
    if (!read) return read;
    to_basis(rows);
    normalise(rows);
    for (auto row = first; row != end; ++row) {
      const auto place = static_cast<size_t>(row - wanted.begin());
      std::copy_n(rows.row(*row - panel.start), width(), out.row(place));
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

Result<std::vector<uint32_t>> GateRows::choose(const std::vector<Panel>& panels, const Rows& rows,
                                               unsigned threads) const {
  if (choice_ == RowChoice::all) {
    std::vector<uint32_t> out;
    for (uint32_t i = 0; i < rows.count; ++i) {
      if (!is_zero(rows, i)) out.push_back(i);
    }
    return out;
  }
  MergeInput input{rows, width(), rows.count};
  Status status = parallel_for(panels.size(), threads, [&](size_t p, unsigned) -> Status {
    const Panel& panel = panels[p];
    std::fill_n(&input.ffn[panel.start], panel.units, panel.group);
    for (const RowKind kind : {RowKind::up, RowKind::down}) {
      Rows vectors;
      std::vector<int> exponents;
      Status read =
          read_rows(model_, panel.group, kind, panel.first, panel.units, vectors, exponents);
      if (!read) return read;
      to_basis(vectors);
      input.add(kind, panel.start, vectors, exponents);
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return strong_neurons(input, threads);
}

Result<Rows> GateRows::read_first(const std::vector<Panel>& sample, unsigned threads,
                                  const Keep& keep, std::vector<uint32_t>& chosen) const {
  if (sample.empty()) return Rows{0, width(), {}};
  std::vector<uint32_t> all(sample.back().start + sample.back().units);
  std::iota(all.begin(), all.end(), 0u);
  auto rows = gates(sample, all, threads);
  if (!rows) return rows;
  auto found = choose(sample, *rows, threads);
  if (!found) return std::move(found).error();
  chosen = *std::move(found);
  size_t kept = 0;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (keep && !keep(i)) continue;
    if (kept != chosen[i]) std::copy_n(rows->row(chosen[i]), width(), rows->row(kept));
    ++kept;
  }
  rows->count = kept;
  rows->values.resize(kept * width());
  return rows;
}

Result<Rows> GateRows::read(size_t layer, uint64_t limit, unsigned threads, const Keep& keep) {
  const std::vector<Panel> sample = panels(layer, limit);
  auto& chosen = chosen_[{layer, limit}];
  if (chosen.empty()) return read_first(sample, threads, keep, chosen);
  std::vector<uint32_t> wanted;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (!keep || keep(i)) wanted.push_back(chosen[i]);
  }
  return gates(sample, wanted, threads);
}

}  // namespace wmk::neurons
