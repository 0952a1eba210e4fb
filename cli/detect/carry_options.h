// --release and --original of `detect` and `trace`.
//
// Lifetime: CarryModels owns the opened models. Thread-safety: main thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/inputs.h"
#include "verify/carried.h"
#include "verify/detect.h"

namespace wmk::cli {

struct CarryOptions {
  std::string release, original;

  bool given() const { return !release.empty() || !original.empty(); }
};
// Both options.
std::vector<Option> add_carry_options(Command command, CarryOptions& options);

// The opened models and the frames that refer to them.
struct CarryModels {
  std::optional<OpenedModel> release, original;
  std::optional<verify::CarriedFrames> frames;

  verify::CarriedFrames* get() { return frames ? &*frames : nullptr; }
  // embed::label_hashes of the release, or of the original, whose tokenizer is the same.
  std::vector<uint64_t> release_labels() const;
};
// No frames if neither option was given. `record`: of the mark, or null. Errors: opening; models
// that cannot serve for any suspect (CarriedFrames::check).
Result<std::unique_ptr<CarryModels>> open_carry_models(const CarryOptions& options,
                                                       const CommonOptions& common,
                                                       const embed::MarkRecord* record);

// "frame carried by 5,930 neurons, mean cosine 0.98", or why not.
std::string carried_text(const verify::CarriedSummary& carried);

// "labels of the release carried by 48,900 of 49,152 rows of the output head", or why not.
std::string carried_text(const verify::CarriedTokens& tokens);

// The members "carried" and "carried_tokens".
void write_carried(const std::optional<verify::CarriedSummary>& carried, json::Writer& out);
void write_carried(const std::optional<verify::CarriedTokens>& tokens, json::Writer& out);

}  // namespace wmk::cli
