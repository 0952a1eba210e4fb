#include "lineage/model/vector_reader.h"

#include <algorithm>

#include "base/transpose.h"
#include "lineage/model/vector_source.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

using checkpoint::View;

// Columns that are read at once.
constexpr uint64_t kColumnsATime = 2048;
constexpr uint64_t kRowsATime = 64;

}  // namespace

Result<std::vector<float>*> VectorReader::read(const VectorSource& source, uint64_t first,
                                               uint64_t count) {
  if (auto status = load(source, first, count); !status) return std::move(status).error();
  return &part(source, 0, count);
}

Status VectorReader::for_each(const VectorSource& source, uint64_t count, const Use& use) {
  const uint64_t step = is_columns(source.view) ? kColumnsATime : kVectorsATime;
  for (uint64_t first = 0; first < count; first += step) {
    const uint64_t read = std::min(step, count - first);
    if (auto status = load(source, first, read); !status) return status;
    for (uint64_t at = 0; at < read; at += kVectorsATime) {
      const uint64_t some = std::min(kVectorsATime, read - at);
      if (auto status = use(part(source, at, some), first + at, some); !status) return status;
    }
  }
  return {};
}

Status VectorReader::load(const VectorSource& source, uint64_t first, uint64_t count) {
  loaded_ = count;
  unpacked_.clear();
  kept_ = {};
  if (has_few_rows(source)) return load_kept(source, first, count);
  const auto& checkpoint = *source.side->checkpoint;
  if (source.view.run == 0) {
    return block_.read(checkpoint, source.view, source.side->width(), first, count);
  }
  auto rows = load_view(checkpoint, source.view, source.side->width(), first, count);
  if (!rows) return std::move(rows).error();
  unpacked_ = *std::move(rows);
  return {};
}

Status VectorReader::load_kept(const VectorSource& source, uint64_t first, uint64_t count) {
  kept_ = source.basis->moved_coordinates();
  const View& view = source.view;
  const View row{view.tensor, view.first + first, view.coordinate_stride, 1};
  const float* norm = norm_of(source);
  unpacked_.assign(source.basis->to * count, 0.0f);
  for (size_t k = 0; k < kept_.from.size(); ++k) {
    auto status = block_.read(*source.side->checkpoint, row, count, kept_.from[k], 1);
    if (!status) return status;
    const auto line = std::span(unpacked_).subspan(kept_.to[k] * count, count);
    block_.widen_panel(0, 1, line);
    if (norm) stats::scale(norm[kept_.from[k]], count, line.data());
    stats::scale(kept_.sign[k], count, line.data());
  }
  return {};
}

std::vector<float>& VectorReader::part(const VectorSource& source, uint64_t first, uint64_t count) {
  const size_t width = source.side->width();
  if (!kept_.from.empty()) {
    const size_t kept = source.basis->to;
    stored_.resize(kept * count);
    for (size_t k = 0; k < kept; ++k) {
      std::copy_n(&unpacked_[k * loaded_ + first], count, &stored_[k * count]);
    }
    rows_.resize(kept * count);
    transpose(stored_, kept, count, rows_);
    return rows_;
  }
  rows_.resize(count * width);
  if (source.view.run != 0) {
    std::copy_n(&unpacked_[first * width], rows_.size(), rows_.begin());
  } else if (block_.unit_major()) {
    block_.widen_panel(first, count, rows_);
  } else {
    stored_.resize(rows_.size());
    block_.widen_panel(first, count, stored_);
    transpose(stored_, width, count, rows_);
  }
  return finish(source, count);
}

std::vector<float>& VectorReader::finish(const VectorSource& source, uint64_t count) {
  const size_t width = source.side->width();
  if (const float* norm = norm_of(source)) {
    for (size_t i = 0; i < count; ++i) stats::multiply(norm, width, &rows_[i * width]);
  }
  if (!source.basis || source.basis->kind == BasisKind::identity) return rows_;
  mapped_.resize(count * source.basis->to);
  source.basis->apply(rows_, count, mapped_);
  return mapped_;
}

// The vectors of some runs of one group, in its place from `row` on, before norm and basis.
Status VectorReader::add_columns(const VectorSource& source, std::span<const NeuronRun> runs,
                                 uint64_t row) {
  const size_t width = source.side->width();
  const auto& checkpoint = *source.side->checkpoint;
  uint64_t low = runs[0].first, high = 0;
  for (const NeuronRun& run : runs) {
    low = std::min(low, run.first);
    high = std::max(high, run.first + run.count);
  }
  View some = source.view;
  for (size_t from = 0; from < width; from += kRowsATime) {
    const size_t rows = std::min<size_t>(kRowsATime, width - from);
    some.first = source.view.first + from * source.view.coordinate_stride;
    if (auto status = block_.read(checkpoint, some, rows, low, high - low); !status) return status;
    uint64_t at = row;
    for (const NeuronRun& run : runs) {
      stored_.resize(rows * run.count);
      block_.widen_panel(run.first - low, run.count, stored_);
      for (uint64_t i = 0; i < run.count; ++i) {
        float* to = &sampled_[(at + i) * width + from];
        for (size_t j = 0; j < rows; ++j) to[j] = stored_[j * run.count + i];
      }
      at += run.count;
    }
  }
  return {};
}

Status VectorReader::add_runs(const VectorSource& source, std::span<const NeuronRun> runs,
                              uint64_t row) {
  const size_t width = source.side->width();
  if (are_columns_close(source, runs)) return add_columns(source, runs, row);
  for (const NeuronRun& run : runs) {
    auto rows = read({source.side, source.view, nullptr, nullptr}, run.first, run.count);
    if (!rows) return std::move(rows).error();
    std::copy((*rows)->begin(), (*rows)->end(), &sampled_[row * width]);
    row += run.count;
  }
  return {};
}

Result<std::vector<float>*> VectorReader::read_runs(const std::vector<NeuronRun>& runs,
                                                    const SourceOf& source_of) {
  uint64_t count = 0, row = 0;
  for (const NeuronRun& run : runs) count += run.count;
  const Basis* basis = nullptr;
  for (size_t i = 0, end = 0; i < runs.size(); i = end) {
    while (end < runs.size() && runs[end].group == runs[i].group) ++end;
    const VectorSource source = source_of(runs[i].group);
    const size_t width = source.side->width();
    if (i == 0) sampled_.resize(count * width);
    basis = source.basis;
    const auto group = std::span(runs).subspan(i, end - i);
    if (auto status = add_runs(source, group, row); !status) return std::move(status).error();
    uint64_t last = row;
    for (const NeuronRun& run : group) last += run.count;
    const float* norm = norm_of(source);
    for (; norm && row < last; ++row) stats::multiply(norm, width, &sampled_[row * width]);
    row = last;
  }
  if (runs.empty()) sampled_.clear();
  if (!basis || basis->kind == BasisKind::identity) return &sampled_;
  mapped_.resize(count * basis->to);
  basis->apply(sampled_, count, mapped_);
  return &mapped_;
}

}  // namespace wmk::lineage
