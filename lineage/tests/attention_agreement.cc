// What T3 and T5 say.
#include "base/text.h"
#include "lineage/align/layer_alignment.h"

namespace wmk::lineage {

TestResult gram_result(const GramAgreement& found, const Gauge& gauge) {
  TestResult out;
  out.name = "T3 attention Gram";
  out.statistic = "mean unbiased CKA of q, k, v, o at sampled residual coordinates";
  out.gauge = word(gauge.kind);
  if (found.layers == 0) {
    out.note = "no attention to compare in layers that correspond";
    return out;
  }
  out.value = out.effect = found.mean;
  out.outcome = Outcome::soft;
  out.note = cat("q ", fixed(found.by_matrix[0], 3), ", k ", fixed(found.by_matrix[1], 3), ", v ",
                 fixed(found.by_matrix[2], 3), ", o ", fixed(found.by_matrix[3], 3), " over ",
                 found.layers, " layers");
  out.null = "none in coordinates that were fitted: an effect, never scored";
  if (gauge.kind != GaugeKind::identity) return out;
  out.kind = Kind::exact;
  out.log10_p = found.log10_p();
  out.null =
      "residual coordinates of the suspect are exchangeable (one permutation for all layers)";
  out.note += cat("; ", kGramPermutations, " permutations have sd ", fixed(found.null_sd, 4));
  return out;
}

TestResult alignment_result(const LayerAlignment& found, const Gauge& gauge) {
  TestResult out;
  out.name = "T5 order of layers";
  out.statistic = "mean CKA of the layers that answer each other in rising order";
  out.null = "the suspect's layers are in no order (shuffled)";
  out.gauge = word(gauge.kind);
  if (found.scores.empty()) {
    out.note = "no attention to compare";
    return out;
  }
  out.value = out.effect = found.mean;
  out.outcome = Outcome::soft;
  out.kind = Kind::empirical;
  out.log10_p = found.log10_p();
  out.note =
      cat(found.pairs.size(), " of ", found.rows, " layers of the suspect answer ", found.columns,
          " of the reference in order (above ", fixed(found.gap, 3), "); ", found.answered,
          " answer one in any order; ", found.repeated, " of the reference answer several");
  return out;
}

}  // namespace wmk::lineage
