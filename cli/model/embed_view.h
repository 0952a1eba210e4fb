// What `embed` prints, as text and as JSON (specs/cli.md 4).
//
// Lifetime: refers to its parts. Thread-safety: pure functions.
#pragma once

#include <string>

#include "cli/inputs.h"
#include "embed/mark/embedder.h"

namespace wmk::cli {

struct EmbedSummary {
  const OpenedModel& model;
  const embed::MarkPlan& plan;
  const embed::SitePlans& sites;
  const embed::EmbedRequest& request;
  const checkpoint::Companions& companions;
  std::string fingerprint;
  double expected_z = 0;
  const embed::EmbedResult* result = nullptr;  // null for a dry run
  double seconds = 0;
};

std::string embed_json(const EmbedSummary& summary);
std::string embed_text(const EmbedSummary& summary);

}  // namespace wmk::cli
