// compare --logits: are these logits from the output head of a reference?
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <string>
#include <vector>

#include "cli/inputs.h"

namespace wmk::cli {

struct LogitsComparisonInputs {
  std::vector<std::string> files;  // of logits
  std::string tokenizer;           // a folder; empty: the reference's
  std::vector<std::string> controls;
  std::string reference;
  uint64_t seed = 1;
};

// `others`: what does not go with --logits.
void add_logits_options(Command command, LogitsComparisonInputs& inputs,
                        const std::vector<Option>& others);

// Prints the answer; the exit code.
int compare_with_logits(const LogitsComparisonInputs& inputs, const CommonOptions& common);

}  // namespace wmk::cli
