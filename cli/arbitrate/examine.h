// Gathers the facts of a case: papers, logs, models (specs/arbitration.md 3).
//
// Lifetime: a Case owns everything that its facts refer to; it is not moved. Thread-safety: main
// thread only; starts its own workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "claims/arbitrate/case_facts.h"
#include "claims/arbitrate/trust_folder.h"
#include "cli/arbitrate/arbitrate_options.h"
#include "cli/file_digests.h"
#include "verify/detect.h"

namespace wmk::cli {

struct Case {
  claims::TrustFolder trust;
  claims::Party claimant;
  std::optional<claims::Party> opponent;
  std::unique_ptr<claims::CaseFacts> facts;
  std::optional<verify::Detection> found;  // in the suspect
  std::optional<claims::CrossCell> blind;  // the same without the release, if that tells
  std::vector<std::string> notes;
  std::vector<FileDigest> files;  // of the suspect, for the report
  std::string program;            // SHA-256 of the file that runs, for the report
  double seconds = 0;
};

// Reads the papers first, and a model only if they are good. Errors: unreadable input.
Result<std::unique_ptr<Case>> examine(const ArbitrateOptions& options);

// The root digest of a model's files, as a seal or a commitment has it.
Result<Bytes> root_of(const std::string& model, const ArbitrateOptions& options);

}  // namespace wmk::cli
