// Gathers the facts of a case: papers, logs, models (specs/arbitration.md 3).
//
// Lifetime: a Case owns everything that its facts refer to; it is not moved. Thread-safety: one
// caller; starts its own workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "claims/arbitrate/case_facts.h"
#include "claims/arbitrate/trust_folder.h"
#include "library/models/file_digest.h"
#include "sign/seal.h"
#include "verify/detect.h"

namespace wmk::library {

// Paths, as the arbitrator names them; empty: not given.
struct CaseRequest {
  std::string claim, trust, counterclaim, acquisition;
  std::string suspect, tokenizer;  // the latter for logits
  std::vector<std::string> logits, logs, controls, ignore_paths;
  std::string release, counter_release;
  bool by_layer = false;  // also read the mark in each layer
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct Case {
  claims::TrustFolder trust;
  claims::Party claimant;
  std::optional<claims::Party> opponent;
  std::unique_ptr<claims::CaseFacts> facts;
  std::optional<verify::Detection> found;  // in the suspect
  std::optional<claims::CrossCell> blind;  // the same without the release, if that tells
  std::vector<std::string> notes;
  std::vector<FileDigest> files;  // of the suspect
};

// Reads the papers first, and a model only if they are good. Errors: unreadable input; a request
// whose parts do not fit together.
Result<std::unique_ptr<Case>> examine(const CaseRequest& request);

// Which files of a model would be signed, and their root.
Result<sign::Seal> files_of(const std::string& model, const CaseRequest& request);

}  // namespace wmk::library
