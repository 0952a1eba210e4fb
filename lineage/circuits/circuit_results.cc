// The result of T9.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"
#include "lineage/circuits/circuit_agreement.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

namespace {

constexpr std::string_view kCircuitName = "T9 head circuits";
// Five times the mean cosine of attention that was trained anew inside another model's residual
// stream (.058).
constexpr double kCircuitMin = 0.3;

TestResult circuit_coins(const CircuitAgreement& found, const Basis& basis) {
  return sign_result(
      {std::string(kCircuitName), TensorFamily::value_output, kCosineStatistic,
       "signs of residual coordinates of one model are independent of the other model",
       "residual coordinates in another order or turned (sought in other bases)",
       "mean cosine above that of other heads", false},
      found.signs, {}, found.sampled, basis);
}

TestResult circuit_places(const CircuitAgreement& found, const Basis& basis) {
  TestResult out;
  out.name = kCircuitName;
  out.family = TensorFamily::value_output;
  out.statistic = "heads that two halves of their circuits match with the same head";
  out.basis = basis.kind;
  out.null = "heads of a layer, in whatever coordinates, are exchangeable";
  out.not_seen = "heads that were split into several";
  if (found.places.layers < 2) {
    out.note = "one layer has no other layer as its control";
    return out;
  }
  out.note = cat(found.places.in_place, " of ", found.places.queries, " heads");
  set_place_outcome(found.places, "wrong layers", out);
  out.kind = EvidenceKind::model_based;
  if (!found.sampled.empty()) out.note += cat("; ", found.sampled);
  return out;
}

}  // namespace

TestResult circuit_result(const CircuitAgreement& found, const Basis& basis, bool coins) {
  TestResult out =
      coins && found.missing.empty() ? circuit_coins(found, basis) : circuit_places(found, basis);
  if (!found.missing.empty()) {
    out.note = found.missing;
    return out;
  }
  out.effect = found.cosine;
  out.effect_min = kCircuitMin;
  out.note += cat("; ", found.places.queries, " circuits have mean cosine ", fixed(found.cosine, 3),
                  ", in wrong layers ", fixed(found.control, 3));
  return out;
}

}  // namespace wmk::lineage
