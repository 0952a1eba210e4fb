// Does a claim on a model stand? Decided offline, from the parties' papers and the caller's own
// folder of trust (specs/arbitration.md).
//
// Making claims (commit, disclose, log) stays with the program, and so does the report.
//
// Thread-safety: each call starts its own workers; calls may run concurrently. The answer is the
// same for any number of threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weightmark/result.h"
#include "weightmark/run.h"

namespace weightmark {

// Paths; empty: not given.
struct CaseFiles {
  std::string claim = {};                  // the claimant's folder
  std::string trust = {};                  // the caller's own keys, authorities and policy
  std::string suspect = {};                // the model in dispute, or else
  std::vector<std::string> logits = {};    // logits of the service in dispute
  std::string tokenizer = {};              // of the logits: a folder
  std::string acquisition = {};            // where the suspect came from (JSON)
  std::vector<std::string> controls = {};  // public ancestors, which must not show the mark
  std::vector<std::string> logs = {};      // the caller's copies of logs of the policy
  std::string release = {};                // the claimant's marked release
  std::string counterclaim = {}, counter_release = {};  // of the opponent
  std::vector<std::string> ignore_paths = {};           // left out of the roots of models
};

enum class Ruling { conclusive, detected, undecided, not_found, refused };
// As in --json: "not_found". Valid for ever; empty for a number that names none.
[[gnu::visibility("default")]] std::string_view to_string(Ruling ruling);

// One link of the chain from the claim to the suspect.
struct CaseFinding {
  std::string name;                   // "integrity", "time", "link", ... (specs/arbitration.md 3)
  std::string verdict;                // "pass", "fail", "open"
  std::string code;                   // for programs: "log_uncounted"
  std::string text;                   // a clause
  std::vector<std::string> evidence;  // digests in hexadecimal
  std::string signer, signer_fingerprint, signer_role;  // empty: it rests on no signature
};

// The disclosed share in the suspect.
struct CaseLink {
  std::string verdict;  // of the mark alone: "conclusive", ...
  double z = 0, expected_z = 0;
  double log10_p = 0;  // of the price times the bound on chance
  double price = 1;
  std::string frame;                    // in words
  bool release_frame = false;           // it is the release's: recorded, shared or carried
  std::vector<std::string> conditions;  // in words
  std::vector<double> controls;         // z of each
};

struct CaseWeight {
  std::optional<uint64_t> commitments;  // as counted by the logs
  double log10_tries = 0, log10_p = 0;  // p: of tries times that of the link
  double lambda = 0, log10_e = 0;       // the e-value
};

// Whose mark shows in which model.
struct CrossZ {
  std::string key;    // "claimant", "opponent"
  std::string model;  // "claimant_release", "opponent_release", "suspect"
  double z = 0;
  bool shown = false;
};

struct Arbitration {
  Ruling ruling = Ruling::undecided;
  std::string finding;                // a sentence without its full stop
  std::string meaning;                // what the ruling does not say
  std::vector<CaseFinding> findings;  // in the order of the chain
  std::vector<std::string> limits;    // why it is not above undecided though the mark shows
  std::optional<CaseLink> link;       // nothing: no model was read
  std::optional<CaseWeight> weight;
  std::vector<CrossZ> cross;  // with a counterclaim
  std::string suspect_root;   // hexadecimal; empty: logits, or no model was read
  std::vector<std::string> notes;
  double seconds = 0;

  bool is_yes() const { return ruling == Ruling::conclusive || ruling == Ruling::detected; }
};

// A claim that does not stand is a value. Errors: a request whose parts do not fit together; files
// that cannot be read; `cancelled`.
[[gnu::visibility("default")]] Result<Arbitration> arbitrate(const CaseFiles& files,
                                                             const Run& run = {});

}  // namespace weightmark
