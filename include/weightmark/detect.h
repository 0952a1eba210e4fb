// Does a model carry the mark of a key? (specs/verdicts.md)
//
// Thread-safety: each call starts its own workers; calls may run concurrently. The answer is the
// same for any number of threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weightmark/key.h"
#include "weightmark/model.h"
#include "weightmark/run.h"

namespace weightmark {

enum class Verdict { conclusive, detected, undecided, not_found };
// As in --json: "not_found". Valid for ever; empty for a number that names none.
[[gnu::visibility("default")]] std::string_view to_string(Verdict verdict);

struct DetectOptions {
  std::string record = {};                      // the mark's record: its frames, its shares
  std::optional<Model> release = std::nullopt;  // the marked release: its frame, carried by neurons
  std::optional<Model> original = std::nullopt;  // the release before it was marked
  std::vector<Model> controls = {};              // ancestors that must not show the mark
  std::optional<unsigned> shares = std::nullopt, share = std::nullopt;  // number of; only this one
  std::string sites = {};          // of "ffn,heads,output"; empty: what the rules read
  std::string readings = "usual";  // declared, usual, all
  bool full = false;               // read all weights, even if a part is enough
  bool by_layer = false;           // also fill Detection::groups
  double alpha = 1e-9;             // false-positive rate of `detected`
  // The files of all parts that write_part() made: their sums are taken in place of the weights,
  // and the answer is that of `full`.
  std::vector<std::string> parts = {};
};

// What one site showed: "ffn", "heads", "output".
struct SiteZ {
  std::string site;
  double z = 0, expected_z = 0;  // expected of an untouched copy
  uint64_t weights = 0;          // that were read
};

struct GroupZ {
  std::string name;  // "layer 3, expert 1"
  double z = 0;
  uint64_t weights = 0;
};

struct Detection {
  Verdict verdict = Verdict::undecided;
  std::string finding;                  // a sentence without its full stop
  std::string claim;                    // under what it holds: "theorem", "conditional", ...
  std::vector<std::string> conditions;  // in words
  std::string reason, next;             // of an undecided answer: why, and what to do
  double z = 0;
  double log10_p = 0;                          // of the price times the bound on chance
  double price = 1;                            // the hypotheses that are paid for
  double expected_z = 0, expected_z_full = 0;  // of an untouched copy: read so far, all weights
  std::string site;                            // that decided
  std::string frame;                           // whose tokens name the directions
  std::string reading;                         // which reading of the tensors
  std::vector<SiteZ> sites;
  std::vector<double> shares;    // z of each
  std::vector<GroupZ> groups;    // with by_layer
  std::vector<double> controls;  // z of each
  std::vector<std::string> notes;
  uint64_t weights_read = 0, weights_total = 0, bytes_read = 0;
  std::string key;  // fingerprint
  double seconds = 0;

  bool is_yes() const { return verdict == Verdict::conclusive || verdict == Verdict::detected; }
};

// Errors: a request that does not fit together; files that cannot be read; `cancelled`.
[[gnu::visibility("default")]] Result<Detection> detect(const Model& suspect, const Key& key,
                                                        const DetectOptions& options = {},
                                                        const Run& run = {});

// Part `part` of `parts`, from 1, and its file. It is secret: sums depend on the key.
struct PartOptions {
  unsigned part = 1, parts = 1;
  std::string out;
  bool replace = false;  // an existing file
};

struct PartWritten {
  size_t scans = 0;
  uint64_t bytes_read = 0, bytes_written = 0;
  std::vector<std::string> faults;  // scans that could not be read, which detect() will try
  double seconds = 0;
};

// Reads one part of the weights and writes its sums, for detect() with all parts. `options` must be
// those of detect(); controls, by_layer and alpha do not matter. Errors: as detect(); writing.
[[gnu::visibility("default")]] Result<PartWritten> write_part(const Model& suspect, const Key& key,
                                                              const PartOptions& part,
                                                              const DetectOptions& options = {},
                                                              const Run& run = {});

}  // namespace weightmark
