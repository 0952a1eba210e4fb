// The list of hypotheses and the price of each (specs/verdicts.md 2).
//
// Purpose: the list is written from what is at hand, before anything is scored, and prices depend
// on nothing else (embed/scheme/price.h): for each reading its frames, for each frame the plain
// reading and then windows of careful sketches. The sum over the list of 1 / price is at most 1, so
// the smallest price x exp(-z^2 / 2) of whatever was tried bounds p. Lifetime: values.
// Thread-safety: one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/text/tokenizer.h"
#include "embed/scheme/record.h"
#include "verify/frame_source.h"

namespace wmk::verify {

// Windows of careful sketches that a frame has places for, whether it has windows or not.
inline constexpr unsigned kWindowsMax = 3;

struct Hypothesis {
  size_t reading = 0;  // index into the list of readings
  FrameSource frame = FrameSource::strings;
  unsigned window = 0;  // 0: plain; else a window of careful sketches, from 1
  unsigned place = 1;   // in the list, from 1
  double price = 1;

  Hypothesis of_window(unsigned number, bool shares_known) const;
  // Names a scan of its reading and frame among those of a detection (specs/parts.md 2).
  std::string scan_name(std::string_view kind, const std::vector<unsigned>& shares) const;
};

// What is at hand beside the suspect.
struct FrameInputs {
  const embed::MarkRecord* record = nullptr;
  bool has_release = false;
  bool has_release_labels = false;
};
// The frames at hand for a reading, in this order: strings (if there are any), ids, shared (if
// there are strings, and those of the release are known), recorded (if there is a record of this
// width), carried (if there is a release).
std::vector<FrameSource> frames_at_hand(const checkpoint::Vocabulary& vocabulary, uint64_t width,
                                        const FrameInputs& inputs);

// The record's frame before the others, in the same places.
void put_record_first(std::vector<Hypothesis>& hypotheses);

// Those of one reading whose windows are tried: the first frame, and the carried one.
std::vector<Hypothesis> with_windows(const std::vector<Hypothesis>& plain);

// Writes the list reading by reading: each takes the next places.
class HypothesisList {
 public:
  explicit HypothesisList(bool shares_known) : shares_known_(shares_known) {}
  // The plain hypotheses of the next reading. Without frames (a declared reading that cannot be
  // made) the places of one frame are left empty.
  std::vector<Hypothesis> add_reading(const std::vector<FrameSource>& frames);

 private:
  bool shares_known_;
  size_t readings_ = 0;
  unsigned places_ = 0;
};

}  // namespace wmk::verify
