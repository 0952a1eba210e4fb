// Which licensee's copy is a model? (specs/licensees.md, specs/verdicts.md 3)
//
// Thread-safety: each call starts its own workers; calls may run concurrently. The answer is the
// same for any number of threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weightmark/detect.h"

namespace weightmark {

// Who may have got the copy: one of these three.
struct Licensees {
  std::vector<std::string> ids = {};
  std::string list = {};           // a file with an id in each line
  std::string register_file = {};  // a register with its ids (`weightmark licensees`)
};

struct TraceOptions {
  std::optional<Model> subtracted = std::nullopt;  // the release without licensees' marks
  std::optional<Model> release = std::nullopt;     // the marked release: its frame, carried
  std::optional<Model> original = std::nullopt;    // the release before it was marked
  size_t listed_min = 20;                          // how many licensees are listed at least
  double alpha = 1e-9;                             // false-positive rate of `detected`
};

struct LicenseeZ {
  std::string id;
  double z = 0;        // below 0: the mark of this copy was subtracted
  double log10_p = 0;  // of the price times the bound on chance
  Verdict verdict = Verdict::undecided;
  unsigned round = 1;  // in which the id was scored: beside those who were named before
  double price = 1;    // in that round
  std::optional<double> z_ffn, z_output;
};

struct Trace {
  Verdict verdict = Verdict::undecided;  // of the first licensee
  std::string finding;                   // a sentence without its full stop
  std::string claim;                     // under what it holds: "theorem", "conditional"
  std::vector<std::string> conditions;   // in words
  std::string reason;                    // of an undecided answer
  std::vector<LicenseeZ> licensees;      // everybody who is named, then others
  uint64_t named = 0, tested = 0;
  unsigned rounds = 1;
  double price = 1;  // the hypotheses that are paid for
  double expected_z = 0;
  std::string site;      // "ffn", "output", "both"
  uint64_t pairs = 0;    // of the output head, if it was read
  std::string frame;     // whose tokens name the directions
  std::string reading;   // which reading of the tensors
  uint64_t weights = 0;  // that were read
  std::string key;       // fingerprint
  std::vector<std::string> notes;
  double seconds = 0;

  bool is_yes() const { return verdict == Verdict::conclusive || verdict == Verdict::detected; }
};

// Errors: no ids, or more than one source of them; a register of another key; files that cannot be
// read; `cancelled`.
[[gnu::visibility("default")]] Result<Trace> trace(const Model& suspect, const Key& key,
                                                   const Licensees& licensees,
                                                   const TraceOptions& options = {},
                                                   const Run& run = {});

}  // namespace weightmark
