// The rows of both models that are matched: clouds, the rows of one layer each.
//
// Lifetime: refers to the rows of both models. Thread-safety: as GateRows.
#pragma once

#include <utility>

#include "neurons/carry/gate_rows.h"
#include "neurons/carry/row_parts.h"

namespace wmk::neurons {

// Of the suspect's rows. `fitted`: what a map is fitted to before it is confirmed, by the rows that
// are `held_out`.
enum class Part { all, fitted, held_out };

struct CloudRows {
  static constexpr uint64_t kRowsMax = 12288;  // of a layer

  GateRows& suspect;
  GateRows& release;
  unsigned threads = 1;

  Result<Rows> of_release(size_t layer) { return release.read(layer, kRowsMax, threads); }
  Result<Rows> of_suspect(size_t layer, Part part) {
    auto rows = suspect.read(layer, kRowsMax, threads);
    if (!rows || part == Part::all) return rows;
    const size_t width = release.width();
    if (part == Part::held_out) select(*rows, is_held_out);
    if (part == Part::fitted) select(*rows, [width](size_t i) { return is_fitted(i, width); });
    return rows;
  }
};

}  // namespace wmk::neurons
