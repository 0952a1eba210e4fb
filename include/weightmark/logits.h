// Does a model that shows only its logits carry the mark of a key? (specs/output.md)
//
// Thread-safety: each call starts its own workers; calls may run concurrently. The answer is the
// same for any number of threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weightmark/detect.h"

namespace weightmark {

// Logits of some hundred positions, of any texts: a row for each, a column for each token.
struct Logits {
  std::vector<std::string> files = {};  // .npy or safetensors, one below the other
  // In place of files: the tensor "logits", [rows, columns] of F32, F16 or BF16; and where it has
  // a part of the tokens, "token_ids", [columns] of I32 or I64.
  std::vector<MemoryTensor> tensors = {};
  std::string tokenizer = {};  // a folder: which string each token is
};

struct LogitsOptions {
  std::string record = {};                        // the mark's record
  std::optional<unsigned> shares = std::nullopt;  // how many the mark has, if known
  std::optional<unsigned> rank = std::nullopt;    // the model's width, if known
  double alpha = 1e-9;                            // false-positive rate of `detected`
};

// One way to read the logits, in the order of trying.
struct LogitsReading {
  std::string reading;  // in words
  double z = 0, price = 0;
  uint64_t rank = 0;
  std::string fault;  // why it was not read; else empty
};

struct LogitsDetection {
  Verdict verdict = Verdict::undecided;  // never not_found: logits cannot exclude a mark
  std::string finding;                   // a sentence without its full stop
  std::string claim;                     // under what it holds
  std::vector<std::string> conditions;   // in words
  double z = 0;
  double log10_p = 0;  // of the price times the bound on chance
  double price = 1;
  std::string reading;
  uint64_t rows = 0, columns = 0, rank = 0;
  bool rank_by_spectrum = false;  // the span ends where its spectrum falls
  uint64_t pairs = 0;             // of carriers
  unsigned shares = 0;
  std::vector<LogitsReading> readings;
  std::string key;  // fingerprint
  double seconds = 0;

  bool is_yes() const { return verdict == Verdict::conclusive || verdict == Verdict::detected; }
};

// Errors: fewer than two rows; columns that are not the tokenizer's tokens; values that are no
// logits (NaN, the top tokens alone); files that cannot be read; `cancelled`.
[[gnu::visibility("default")]] Result<LogitsDetection> detect_logits(
    const Logits& logits, const Key& key, const LogitsOptions& options = {}, const Run& run = {});

}  // namespace weightmark
