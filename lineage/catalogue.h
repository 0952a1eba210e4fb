// The tests that are run in each gauge.
//
// Purpose: a new test is a file of its own and a line in catalogue.cc. Lifetime: a setting refers
// to what is compared. Thread-safety: one caller; tests bring their own workers.
#pragma once

#include "lineage/compare.h"
#include "lineage/shared_findings.h"

namespace wmk::lineage {

struct Setting {
  const Pair& pair;
  const Gauge& gauge;
  const Common& common;
  Comparison& out;  // of this gauge: layers are known, tests are added
};
Status run_catalogue(const Setting& setting);

}  // namespace wmk::lineage
