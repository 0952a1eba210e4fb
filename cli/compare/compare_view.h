// The result of `compare`, for text, JSON and the page.
//
// Purpose: collects everything once for all three. Lifetime: refers to the comparison and the
// models. Thread-safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/file_digests.h"
#include "cli/inputs.h"
#include "library/models/model_comparison.h"
#include "report/html.h"

namespace wmk::cli {

struct ComparedModel {
  const OpenedModel& model;
  std::string path;               // as the user named it
  std::vector<FileDigest> files;  // only for the page
};

struct CompareView {
  const lineage::Comparison& found;
  ComparedModel suspect, reference;
  std::vector<ComparedModel> also;               // further candidate parents (--also)
  std::optional<lineage::ParentFits> parents;    // of the reference and these; only with --also
  std::vector<lineage::ComparedNotice> notices;  // in the suspect's folder
  bool notices_cut = false;
  std::string base;            // of an adapter; empty: the suspect is a model
  std::string reference_base;  // the same of the reference
  uint64_t seed = 1;
  bool by_expert = false;
  double seconds = 0;
};

ExitCode exit_code(lineage::LineageVerdict verdict);
std::string compare_json(const CompareView& view);
std::string compare_text(const CompareView& view);
// One self-contained HTML page (specs/cli.md 9). The same findings give the same bytes.
std::string compare_page(const CompareView& view);

// The share of one expert's neurons that the reference has too, over the compared layers.
struct ExpertMean {
  std::string name;  // "expert 3", "shared expert", "dense FFN"
  double share = 0, sampled = 0;
};
std::string expert_name(const lineage::ExpertShare& share);
// In order of appearance.
std::vector<ExpertMean> expert_means(const lineage::Comparison& found);

// Candidate parents (compare_parents.cc): nothing without --also.
std::string parent_lines(const CompareView& view);
void write_parents(const CompareView& view, json::Writer& out);
void add_parents(const CompareView& view, report::Html& page);

// Adapters among the two models (compare_adapters.cc): a sentence each without its full stop, and
// the options that name their bases.
std::vector<std::string> adapter_notes(const CompareView& view);
std::string adapter_options(const CompareView& view);

// Parts of the page (compare_figures.cc, compare_soft.cc, compare_sources.cc).
void add_layer_map(const CompareView& view, report::Html& page);
void add_experts(const CompareView& view, report::Html& page);
void add_soft_panel(const CompareView& view, report::Html& page);
void add_notices(const CompareView& view, report::Html& page);
void add_reproduction(const CompareView& view, report::Html& page);

}  // namespace wmk::cli
