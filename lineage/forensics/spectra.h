// Do the singular values of attention matrices agree? (specs/lineage.md 8)
//
// Purpose: spectra have been proposed as fingerprints, but trained matrices all have similar ones.
// Shown, never scored. Lifetime: values. Thread-safety: brings its own workers, same bits for any
// number of them.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct SpectraAgreement {
  double correlation = 0;  // mean over layers and matrices
  size_t matrices = 0;     // compared, of each model
};

// q and v of up to eight layers at equal relative depth, 96 rows of each.
Result<SpectraAgreement> spectra_agreement(const ModelPair& pair);

}  // namespace wmk::lineage
