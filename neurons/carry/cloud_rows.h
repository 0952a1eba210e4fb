// The rows of both models that are matched: clouds, the rows of one layer each.
//
// Lifetime: refers to the rows of both models. Thread-safety: as RowSource.
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "checkpoint/layout/unit_block.h"
#include "neurons/carry/nearest.h"
#include "neurons/rows/row_parts.h"
#include "neurons/rows/row_source.h"

namespace wmk::neurons {

// Of the suspect's rows. `fitted`: what a map is fitted to before it is confirmed, by the rows that
// are `held_out`.
enum class Part { all, fitted, held_out };

struct CloudRows {
  static constexpr uint64_t kRowsMax = 12288;  // of a layer

  RowSource& suspect;
  RowSource& release;
  unsigned threads = 1;
  size_t every = 1;        // of so many panels of rows one is read
  bool is_shared = false;  // (all) the processes of mpirun search together
  Progress* progress = nullptr;

  // `keep`: of the rows of the release, or of that part of the suspect's, those that it names.
  using Keep = RowSource::Keep;
  Result<Rows> of_release(size_t layer, const Keep& keep = {}) {
    size_t place = 0;
    return release.read(layer, kRowsMax, threads,
                        [&](size_t i) { return is_in_part(i) && (!keep || keep(place++)); });
  }
  Result<Rows> of_suspect(size_t layer, Part which, const Keep& keep = {}) {
    const size_t width = release.width();
    size_t place = 0;
    return suspect.read(layer, kRowsMax, threads, [&](size_t i) {
      if (which == Part::held_out && !is_held_out(i)) return false;
      if (which == Part::fitted && !is_fitted(i, width)) return false;
      return is_in_part(i) && (!keep || keep(place++));
    });
  }

 private:
  bool is_in_part(size_t row) const { return row / checkpoint::kPanelUnits % every == 0; }
};

// The rows of one model that some pairs name: only these are read.
class NamedRows {
 public:
  NamedRows(std::span<const RowPair> pairs, uint32_t RowPair::*side) {
    for (const RowPair& pair : pairs) numbers_.push_back(pair.*side);
    std::sort(numbers_.begin(), numbers_.end());
  }
  // To be read; counts all of them.
  CloudRows::Keep keep(uint64_t& count) const {
    return [this, &count](size_t row) {
      ++count;
      return std::binary_search(numbers_.begin(), numbers_.end(), row);
    };
  }
  // `rows`: as read. Row k is that of pair k.
  Rows in_pairs(const Rows& rows, std::span<const RowPair> pairs, uint32_t RowPair::*side) const {
    Rows out{pairs.size(), rows.width, std::vector<float>(pairs.size() * rows.width)};
    for (size_t i = 0; i < pairs.size(); ++i) {
      const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), pairs[i].*side);
      std::copy_n(rows.row(static_cast<size_t>(at - numbers_.begin())), rows.width, out.row(i));
    }
    return out;
  }

 private:
  std::vector<uint32_t> numbers_;  // ascending
};

}  // namespace wmk::neurons
