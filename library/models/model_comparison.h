// A comparison of two models, with further candidates and the notices in their folders.
//
// Purpose: what `compare` finds, for the program and for the facade. Lifetime: a ModelComparison
// is a value. Thread-safety: one caller; starts its own workers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "library/models/open_model.h"
#include "lineage/compare.h"
#include "lineage/forensics/notice_comparison.h"
#include "lineage/forensics/parents.h"

namespace wmk::library {

struct ComparedModels {
  OpenedModel suspect, reference;
  std::vector<OpenedModel> also;  // further models that the suspect may have been merged from
};

struct ComparisonRequest {
  uint64_t seed = 1;
  unsigned threads = 1;
  Progress* progress = nullptr;
  bool is_shared = false;  // (all) the processes of mpirun compare together
};

struct ModelComparison {
  lineage::Comparison found;
  std::optional<lineage::ParentFits> parents;    // of the reference and the others, if there are
  std::vector<lineage::ComparedNotice> notices;  // in the suspect's folder
  bool notices_cut = false;
};

// Error (invalid_argument): more further candidates than can be fitted.
Status check_candidates(size_t also);
// Errors: check_candidates(); reading; a process that has other models, another seed or another
// program.
Result<ModelComparison> compare_models(const ComparedModels& models,
                                       const ComparisonRequest& request);

// What structure shows about who came first; empty: nothing.
std::string direction_of(const lineage::Comparison& found,
                         const std::optional<lineage::ParentFits>& parents);

}  // namespace wmk::library
