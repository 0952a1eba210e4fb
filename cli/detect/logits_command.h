// detect in logits, and the inputs that trace shares: a model behind an API shows no weights
// (specs/output.md).
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <string>
#include <vector>

#include "cli/inputs.h"
#include "library/models/open_logits.h"

namespace wmk::cli {

struct LogitsInputs : library::LogitsPlaces {
  std::string report;  // a page to write
  bool force = false;  // the page may exist

  bool are_given() const { return !files.empty(); }
};
// `model`: the argument that --logits replaces; `others`: options that say nothing about logits.
void add_logits_options(Command command, const Option& model, LogitsInputs& inputs,
                        const std::vector<Option>& others);
// Ends the parsing with an error if there are neither a model nor logits.
void require_model(const std::string& model, const LogitsInputs& inputs);

// Errors: no tokenizer; of the inputs, by name.
Result<library::OpenedLogits> open_logits(const LogitsInputs& inputs,
                                          const crypto::SecretBytes& key,
                                          const CommonOptions& common);

// Run in place of the command on weights; the answer is printed, the exit code returned.
int detect_logits(const LogitsInputs& inputs, const crypto::SecretBytes& key,
                  const CommonOptions& common);

}  // namespace wmk::cli
