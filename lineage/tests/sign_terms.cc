#include "lineage/tests/sign_terms.h"

#include <algorithm>

namespace wmk::lineage {

void SignTerms::add_copies(const SignTerms& copies) {
  x.resize(std::max(x.size(), copies.x.size()));
  shifted.resize(x.size());
  for (size_t i = 0; i < copies.x.size(); ++i) {
    x[i] += copies.x[i];
    shifted[i] += copies.shifted[i];
  }
}

void RowSigns::add(const SignTerms& terms) {
  for (size_t i = 0; i < terms.x.size(); ++i) {
    sum.add(terms.x[i]);
    if (terms.x.size() > 1) shifted.add(terms.shifted[i]);
  }
}

}  // namespace wmk::lineage
