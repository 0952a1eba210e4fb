// The release and its unmarked original, opened to carry their frame into suspects.
//
// Lifetime: CarryModels owns the opened models; its frames refer to them. Thread-safety: one
// caller.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "library/models/open_model.h"
#include "verify/carried.h"

namespace wmk::library {

struct CarryModels {
  std::optional<OpenedModel> release, original;
  std::optional<verify::CarriedFrames> frames;

  verify::CarriedFrames* get() { return frames ? &*frames : nullptr; }
  // embed::label_hashes of the release, or of the original, whose tokenizer is the same.
  std::vector<uint64_t> release_labels() const;
};

// A place without a path is not given; no frames if neither is. `record`: of the mark, or null.
// Errors: opening; models that cannot serve for any suspect (CarriedFrames::check).
Result<std::unique_ptr<CarryModels>> open_carry_models(const ModelPlace& release,
                                                       const ModelPlace& original,
                                                       const embed::MarkRecord* record);

}  // namespace wmk::library
