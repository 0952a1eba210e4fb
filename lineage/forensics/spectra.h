// Singular values of attention matrices, one model beside the other.
//
// Purpose: spectra are offered as fingerprints; matrices of trained models all have much the same
// one. Shown and never scored. Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct SpectraAgreement {
  double correlation = 0;  // mean over layers and matrices
  size_t matrices = 0;     // that were compared, of each model
};

// q and v of up to eight layers at the same relative depth, 96 rows of each.
Result<SpectraAgreement> spectra_agreement(const Pair& pair);

}  // namespace wmk::lineage
