// Do two models share weights? No mark is needed (specs/lineage.md).
//
// Thread-safety: each call starts its own workers; calls may run concurrently. The answer is the
// same for any number of threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weightmark/inspect.h"
#include "weightmark/run.h"

namespace weightmark {

enum class Lineage {
  derived,
  partly_derived,
  shared_component,
  shared_initialisation_possible,
  no_shared_weights,
  not_enough_evidence
};
// As in --json: "no_shared_weights". Valid for ever; empty for a number that names none.
[[gnu::visibility("default")]] std::string_view to_string(Lineage lineage);

struct CompareOptions {
  std::vector<Model> also = {};  // further models that the suspect may have been merged from
  uint64_t seed = 1;             // selects the neurons and tokens that are sampled
};

struct LineageTest {
  std::string name;       // "T1 row signs"
  std::string statistic;  // what `value` is
  double value = 0;
  std::optional<double> log10_p;  // before any correction
  std::string outcome;            // "hit", "weak", "null", "anomaly", "soft", "not run", ...
  std::string note;
  std::string family;       // of tensors: "v/o", "q/k", "gains", "ffn", "none", ...
  std::string kind;         // of p: "exact", "model-based", "empirical", "none"
  std::string null;         // the null hypothesis, in words
  std::string basis;        // in which vectors were compared
  double effect = 0;        // a mean cosine, or a share of neurons
  double hypotheses = 1;    // that are corrected for
  bool stands_out = false;  // agreement that unrelated models do not reach
};

// What the tests of one family of tensors say together.
struct LineageFamily {
  std::string name;
  bool comparable = false, hit = false, null = false;
  double log10_p = 0;  // corrected for tests, bases and families
  std::string reason;  // why it is not comparable
};

// The share of one expert's sampled neurons that the reference has too.
struct ExpertShare {
  uint64_t layer = 0;
  std::optional<uint64_t> expert;  // none: the dense network, or the shared expert
  bool shared = false;
  uint64_t sampled = 0;
  double share = 0;
};

// A model that the suspect may have been merged from: the reference, then CompareOptions::also.
struct Parent {
  std::string path;
  std::string missing;                     // why it was not compared; otherwise empty
  double weight = 0;                       // in the mixture that fits best
  double weight_low = 0, weight_high = 0;  // in single matrices
  double alone = 0;                        // share of the suspect that it explains by itself
};

// A notice of the suspect's folder.
struct ComparedNotice {
  Notice notice;
  std::string names;                // the party; empty: the line names none
  std::string reference_file = {};  // that has the same line; empty: none
  uint64_t reference_line = 0;
};

struct Comparison {
  Lineage verdict = Lineage::not_enough_evidence;
  std::string finding;    // a sentence without its full stop
  std::string reason;     // by which rule
  std::string component;  // which one is shared, of `shared_component`
  std::string direction;  // what structure shows about who came first; empty: nothing
  std::string basis;
  std::vector<std::string> bases_tried;
  std::vector<LineageTest> tests;
  std::vector<LineageFamily> families;
  std::vector<ExpertShare> experts;
  std::vector<Parent> parents;  // with CompareOptions::also
  double explained = 0;         // share of the suspect that their mixture explains
  std::vector<ComparedNotice> notices;
  bool notices_cut = false;  // there are more
  std::vector<std::string> notes;
  uint64_t seed = 1;
  double seconds = 0;

  bool is_yes() const { return verdict == Lineage::derived || verdict == Lineage::partly_derived; }
};

// Errors: more than 15 further models; reading; models that are not understood; `cancelled`.
[[gnu::visibility("default")]] Result<Comparison> compare(const Model& suspect,
                                                          const Model& reference,
                                                          const CompareOptions& options = {},
                                                          const Run& run = {});

}  // namespace weightmark
