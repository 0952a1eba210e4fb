// Which matrix of an FFN is gate, up and down.
//
// Lifetime: values. Thread-safety: pure functions; rank_arrangements reads a sample of weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/shapes/ffn_sets.h"

namespace wmk::checkpoint {

// Where the halves of a fused matrix are.
enum class FusedForm { halves, interleaved };

// Places of an FfnMember's slots.
struct Arrangement {
  std::optional<size_t> gate = {};
  size_t up = 0, down = 0;
  // A square matrix shows no units: turned, its units are columns.
  bool turned_rows = false, turned_down = false;
  FusedForm fused = FusedForm::halves;
  bool up_first = false;  // fused: the up vectors come first
};

struct ArrangedFfn {
  std::optional<Slot> gate;
  Slot up, down;
};
ArrangedFfn arrange(const FfnMember& member, FfnForm form, const Arrangement& arrangement);

// "gate, up, down", "gate and up interleaved, up first"
std::string to_string(const Arrangement& arrangement, FfnForm form);

// All that the shapes allow, the most likely first: by how well the lengths of up and down vectors
// agree (profile.h), then by words in names, then in the usual order.
std::vector<Arrangement> rank_arrangements(const Checkpoint& checkpoint, const FfnSet& set,
                                           uint64_t width);

// How well the lengths of up and down vectors agree under an arrangement, 0 to 1: the mean over
// some of the FFNs.
double fit_of(const Checkpoint& checkpoint, const FfnSet& set, const Arrangement& arrangement,
              uint64_t width);

}  // namespace wmk::checkpoint
