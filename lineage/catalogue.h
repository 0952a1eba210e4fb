// The catalogue of tests: what is run in each basis.
//
// Purpose: a new test is a new file and a line in catalogue.cc. Lifetime: a setting refers to what
// is compared. Thread-safety: one caller; tests bring their own workers.
#pragma once

#include "lineage/compare.h"
#include "lineage/shared_findings.h"

namespace wmk::lineage {

struct Setting {
  const ModelPair& pair;
  const Basis& basis;
  const SharedFindings& shared;
  Comparison& out;  // in this basis: its layers are known, tests are added
};
// Errors are those of reading.
Status run_catalogue(const Setting& setting);

}  // namespace wmk::lineage
