// The rows of both models that are matched: clouds, the rows of one layer each.
//
// Lifetime: refers to the rows of both models. Thread-safety: as RowSource.
#pragma once

#include <utility>

#include "neurons/carry/row_parts.h"
#include "neurons/carry/row_source.h"

namespace wmk::neurons {

// Of the suspect's rows. `fitted`: what a map is fitted to before it is confirmed, by the rows that
// are `held_out`.
enum class Part { all, fitted, held_out };

struct CloudRows {
  static constexpr uint64_t kRowsMax = 12288;  // of a layer

  RowSource& suspect;
  RowSource& release;
  unsigned threads = 1;

  // `keep`: of the rows of the release, or of that part of the suspect's, those that it names.
  using Keep = RowSource::Keep;
  Result<Rows> of_release(size_t layer, const Keep& keep = {}) {
    return release.read(layer, kRowsMax, threads, keep);
  }
  Result<Rows> of_suspect(size_t layer, Part part, const Keep& keep = {}) {
    const size_t width = release.width();
    size_t place = 0;
    return suspect.read(layer, kRowsMax, threads, [&](size_t i) {
      if (part == Part::held_out && !is_held_out(i)) return false;
      if (part == Part::fitted && !is_fitted(i, width)) return false;
      return !keep || keep(place++);
    });
  }
};

}  // namespace wmk::neurons
