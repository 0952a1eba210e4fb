// Whether a mark is excluded, or why not (specs/verdicts.md 3).
//
// Purpose: `not found` needs that everything was read under the model's own labels and that half of
// the mark would have shown. Each thing that is missing is a doubt, and a doubt means `undecided`.
// Thread-safety: pure functions and values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "embed/sites/site.h"
#include "verify/frame_source.h"
#include "verify/label_fit.h"

namespace wmk::verify {

// A raw z that a random share reaches once in a thousand times, by exp(-z^2 / 2).
inline constexpr double kShareZMax = 3.72;
inline constexpr double kHintP = 1e-3;

enum class DoubtKind {
  control,    // the frame also finds the mark in an ancestor
  hint,       // a z that chance rarely gives
  tokenizer,  // missing, unreadable, or not that of the embedding
  labels,     // not those of the release
  one_share,  // only one share was read
  naming,     // not the reading that the model declares
  reading,    // a usual reading, or the declared one, was not tried
  unread,     // tensors or units that were not read
  weak        // half of the mark might not have shown
};

struct Doubt {
  DoubtKind kind;
  std::string text;  // a clause
};

// What the scan of the model's own frame showed.
struct OwnReading {
  FrameSource frame = FrameSource::strings;
  double price = 1;
  double expected_z = 0;              // of an untouched copy, in the first site that was read
  double largest_z = 0;               // of a single share, hard or soft; 0 in a trace
  std::string largest;                // which one: "share 2, soft tags"
  std::vector<embed::Site> excluded;  // sites in which half of a mark would have shown
  // Sites in which it would have shown, if all had been read and nothing made the sketch longer,
  // and the z that is expected in what was read.
  struct Drowned {
    embed::Site site;
    double expected_z;
  };
  std::vector<Drowned> drowned = {};
};

struct Evidence {
  Subject subject;
  std::optional<OwnReading> own;  // none: not read to the end
  double ln_p = 0;                // the smallest of all hypotheses
  bool ids_recorded = false;      // the record says that rows are labelled by number
  bool has_naming = false;
  std::optional<unsigned> single_share = std::nullopt;  // of several: only this one was read
  uint64_t skipped_units = 0;
  double label_difference = 0;  // from the record's labels (embed/scheme/label_set.h)
};

// The first doubt, or none: the mark is excluded, in the model's own frame.
std::optional<Doubt> doubt_of(const Evidence& evidence);
// If the labels do not describe the embedding.
std::optional<Doubt> doubt_of(const LabelFit& fit);
// The first of both. The labels are compared with the embedding only if there is no other doubt.
Result<std::optional<Doubt>> find_doubt(const Evidence& evidence, unsigned threads);

// Half of the expected z must be at least this: 3 above the z that has p = 1e-3 at this price.
double needed_z(double price);

}  // namespace wmk::verify
