// --release and --original of `detect` and `trace`.
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/inputs.h"
#include "library/models/carry_models.h"
#include "verify/detect.h"

namespace wmk::cli {

struct CarryOptions {
  std::string release, original;
};
// Both options.
std::vector<Option> add_carry_options(Command command, CarryOptions& options);

// What the options name, opened without notes. Errors: library::open_carry_models.
Result<std::unique_ptr<library::CarryModels>> open_carry_models(const CarryOptions& options,
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
