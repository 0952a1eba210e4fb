// What is read of an output head: the coefficients q of the partners' images in the span, added up
// with the carriers (specs/output.md 3, 4).
//
// Purpose: the same sums for weights and for logits. Numerators and squares are kept by pair, so
// one pass gives z of every number of pairs and of every total of shares. Lifetime: values; a
// scorer refers to its carriers. Thread-safety: absorb() may run concurrently on different rows.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "embed/output/output_signs.h"
#include "embed/scheme/correlation.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

// What a reading scores. Rows are those of the head, or columns of logits.
struct OutputCarriers {
  std::vector<OutputSigns> shares;
  std::optional<OutputSigns> trace;  // with slots: licensees are scored as well
  WipedVector<uint16_t> slots;
  LabelGroups groups;
  // By row of a head in weights: 0 if it has no label and is not read; empty: all are read.
  std::vector<uint8_t> used = {};
  size_t pairs = kOutputPairsMax;  // of each; fewer take less time

  size_t structures() const { return shares.size() + (trace ? 1 : 0); }
  const OutputSigns& at(size_t structure) const {
    return structure < shares.size() ? shares[structure] : *trace;
  }
};
// Of the first `shares` shares of a master key, and of its trace if `trace`.
OutputCarriers output_carriers(const crypto::SecretBytes& master, unsigned shares, bool trace,
                               const std::vector<std::string>& labels, unsigned threads);
// Of one share, whose key this is.
OutputCarriers output_carriers_of_share(const crypto::SecretBytes& share,
                                        const std::vector<std::string>& labels, unsigned threads);

struct OutputReading {
  size_t pairs = 0;
  uint64_t used_rows = 0;  // of a head in weights: finite, and not far longer than the others
  // By share, by pair.
  std::vector<std::vector<Correlation>> shares;
  // s_j of the trace for each of kOutputPairCounts up to `pairs`; empty without a trace.
  std::vector<std::vector<double>> slot_sums;

  // The first `count` pairs of share `first` and of those after it, up to `last` (not included).
  Correlation total(size_t count, size_t first, size_t last) const;
  Correlation total(size_t count) const { return total(count, 0, shares.size()); }
  // <code, s> and |s|^2 of a licensee, where it has `count` pairs: one of kOutputPairCounts.
  Correlation licensee(std::span<const int8_t> code, size_t count) const;
};

class OutputScorer {
 public:
  explicit OutputScorer(const OutputCarriers& carriers);

  // Pairs of all structures.
  size_t columns() const { return carriers_.structures() * carriers_.pairs; }
  // Partners of rows [first, first + count): count x columns() of +1 and -1.
  void partners(size_t first, size_t count, float* out) const;

  // The sums of some rows.
  struct Part {
    std::vector<Correlation> pairs;  // columns()
  };
  // q: count x columns(), of rows [first, first + count). Each row once.
  void absorb(size_t first, size_t count, const float* q, Part& out);
  // The parts of all rows; their order counts, not how they were computed.
  OutputReading finish(std::span<const Part> parts) const;

 private:
  void absorb_trace(size_t row, const float* q);

  const OutputCarriers& carriers_;
  std::vector<float> shared_;  // q of rows that share a label, by place: columns() each
  // sum over the first pairs of c q, by row: one for each of kOutputPairCounts.
  std::vector<std::array<float, kOutputPairCounts.size()>> trace_;
  std::vector<size_t> shared_rows_;  // by place
};

}  // namespace wmk::embed
