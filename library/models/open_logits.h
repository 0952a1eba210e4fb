// Logits in place of a model, opened for detection and tracing (specs/output.md).
//
// Lifetime: OpenedLogits owns its parts; its request refers to the key. Thread-safety: one caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/logits/logits_detect.h"

namespace wmk::library {

struct LogitsPlaces {
  std::vector<std::string> files;
  std::string tokenizer;  // a folder
  std::string record;     // of the mark, or empty
  std::optional<unsigned> rank, shares;
  double alpha = verify::kDefaultAlpha;
};

struct OpenedLogits {
  embed::Logits logits;
  std::vector<std::string> labels;  // one for each column
  std::optional<embed::MarkRecord> record;
  verify::LogitsRequest request;  // without record and progress
};

// Errors: files, a tokenizer or a record that cannot be read, or do not fit together.
Result<OpenedLogits> open_logits(const LogitsPlaces& places, const crypto::SecretBytes& key,
                                 unsigned threads);

}  // namespace wmk::library
