#include "embed/output/output_sums.h"

#include <algorithm>

namespace wmk::embed {

namespace {

inline float sign_of(uint64_t bits, size_t bit) { return (bits >> bit & 1) != 0 ? 1.0f : -1.0f; }

}  // namespace

OutputCarriers output_carriers(const crypto::SecretBytes& master, unsigned shares, bool trace,
                               const std::vector<std::string>& labels, unsigned threads) {
  OutputCarriers out;
  for (unsigned i = 0; i < shares; ++i) {
    out.shares.push_back(output_signs(share_key(master, i), labels, threads));
  }
  if (trace) {
    const crypto::SecretBytes key = trace_key(master);
    out.trace = output_signs(key, labels, threads);
    out.slots = output_slots(key, labels, threads);
  }
  out.groups = label_groups(labels);
  return out;
}

OutputCarriers output_carriers_of_share(const crypto::SecretBytes& share,
                                        const std::vector<std::string>& labels, unsigned threads) {
  OutputCarriers out;
  out.shares.push_back(output_signs(share, labels, threads));
  out.groups = label_groups(labels);
  return out;
}

Correlation OutputReading::total(size_t count, size_t first, size_t last) const {
  Correlation out;
  for (size_t s = first; s < std::min(last, shares.size()); ++s) {
    for (size_t p = 0; p < std::min(count, shares[s].size()); ++p) out += shares[s][p];
  }
  return out;
}

Correlation OutputReading::licensee(std::span<const int8_t> code, size_t count) const {
  const auto* const at = std::find(kOutputPairCounts.begin(), kOutputPairCounts.end(), count);
  const auto index = static_cast<size_t>(at - kOutputPairCounts.begin());
  Correlation out;
  if (index >= slot_sums.size()) return out;
  const std::vector<double>& sums = slot_sums[index];
  for (size_t j = 0; j < sums.size(); ++j) {
    out.product += code[j] * sums[j];
    out.norm_squared += sums[j] * sums[j];
  }
  return out;
}

OutputScorer::OutputScorer(const OutputCarriers& carriers)
    : carriers_(carriers), shared_(carriers.groups.group.size() * columns()) {
  if (carriers.trace) trace_.resize(carriers.slots.size());
  shared_rows_.resize(carriers.groups.group.size());
  for (size_t row = 0; row < carriers.groups.place.size(); ++row) {
    const uint32_t place = carriers.groups.place[row];
    if (place != LabelGroups::kAlone) shared_rows_[place] = row;
  }
}

void OutputScorer::partners(size_t first, size_t count, float* out) const {
  for (size_t row = first; row < first + count; ++row) {
    for (size_t s = 0; s < carriers_.structures(); ++s) {
      const uint64_t bits = carriers_.at(s).partners[row];
      for (size_t p = 0; p < carriers_.pairs; ++p) *out++ = sign_of(bits, p);
    }
  }
}

void OutputScorer::absorb(size_t first, size_t count, const float* q, Part& out) {
  out.pairs.resize(columns());
  for (size_t row = first; row < first + count; ++row, q += columns()) {
    if (carriers_.trace) absorb_trace(row, q + carriers_.shares.size() * carriers_.pairs);
    const uint32_t place = carriers_.groups.place[row];
    if (place != LabelGroups::kAlone) {
      std::copy_n(q, columns(), &shared_[place * columns()]);
      continue;
    }
    for (size_t s = 0, i = 0; s < carriers_.shares.size(); ++s) {
      const uint64_t bits = carriers_.shares[s].carriers[row];
      for (size_t p = 0; p < carriers_.pairs; ++p, ++i) {
        const double value = q[i];
        out.pairs[i].product += static_cast<double>(sign_of(bits, p)) * value;
        out.pairs[i].norm_squared += value * value;
      }
    }
  }
}

void OutputScorer::absorb_trace(size_t row, const float* q) {
  const uint64_t bits = carriers_.trace->carriers[row];
  float sum = 0;
  for (size_t p = 0, k = 0; p < carriers_.pairs; ++p) {
    sum += sign_of(bits, p) * q[p];
    if (p + 1 == kOutputPairCounts[k]) trace_[row][k++] = sum;
  }
}

OutputReading OutputScorer::finish(std::span<const Part> parts) const {
  const size_t width = columns(), share_count = carriers_.shares.size();
  std::vector<Correlation> pairs(width);
  for (const Part& part : parts) {
    for (size_t i = 0; i < part.pairs.size(); ++i) pairs[i] += part.pairs[i];
  }
  // Rows of one label share their signs: their q are added up first.
  const LabelGroups& groups = carriers_.groups;
  std::vector<double> sums(groups.groups);
  std::vector<uint64_t> bits(groups.groups);
  for (size_t i = 0; i < share_count * carriers_.pairs; ++i) {
    const OutputSigns& signs = carriers_.shares[i / carriers_.pairs];
    std::fill(sums.begin(), sums.end(), 0.0);
    for (size_t place = 0; place < groups.group.size(); ++place) {
      sums[groups.group[place]] += shared_[place * width + i];
      bits[groups.group[place]] = signs.carriers[shared_rows_[place]];
    }
    for (size_t g = 0; g < sums.size(); ++g) {
      pairs[i].product += static_cast<double>(sign_of(bits[g], i % carriers_.pairs)) * sums[g];
      pairs[i].norm_squared += sums[g] * sums[g];
    }
  }
  OutputReading out;
  out.pairs = carriers_.pairs;
  for (size_t s = 0; s < share_count; ++s) {
    const auto first = pairs.begin() + static_cast<std::ptrdiff_t>(s * carriers_.pairs);
    out.shares.emplace_back(first, first + static_cast<std::ptrdiff_t>(carriers_.pairs));
  }
  for (size_t k = 0; carriers_.trace && k < kOutputPairCounts.size(); ++k) {
    if (kOutputPairCounts[k] > carriers_.pairs) break;
    std::vector<double> slots(kCodeBits);
    for (size_t row = 0; row < trace_.size(); ++row) slots[carriers_.slots[row]] += trace_[row][k];
    out.slot_sums.push_back(std::move(slots));
  }
  return out;
}

}  // namespace wmk::embed
