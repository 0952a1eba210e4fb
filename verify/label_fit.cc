#include "verify/label_fit.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "base/parallel.h"
#include "neurons/rows/neuron_rows.h"

namespace wmk::verify {

namespace {

constexpr size_t kPairsAtOnce = 512;
constexpr size_t kWordBytesMin = 3;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 127;
}

// Row number `row` of the token embedding at length 1; zero if it has none.
Status read_unit_row(const Subject& subject, uint64_t row, neurons::Rows& out) {
  const checkpoint::Anatomy& anatomy = *subject.anatomy;
  Status status = neurons::read_matrix_rows(*subject.checkpoint, anatomy.token_embedding,
                                            anatomy.width, row, 1, out);
  if (status) neurons::normalise(out);
  return status;
}

// Cosine of two rows after `mean` is subtracted; 0 if one is the mean.
double cosine(const neurons::Rows& first, const neurons::Rows& second,
              const std::vector<double>& mean) {
  const float *a = first.row(0), *b = second.row(0);
  double ab = 0, aa = 0, bb = 0;
  for (size_t c = 0; c < mean.size(); ++c) {
    const double x = a[c] - mean[c], y = b[c] - mean[c];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

// The mean of all `rows`. Sums of parts are added in order, so it does not depend on threads.
Result<std::vector<double>> mean_of(const Subject& subject, const std::vector<uint64_t>& numbers,
                                    unsigned threads) {
  const size_t parts = (numbers.size() + kPairsAtOnce - 1) / kPairsAtOnce;
  std::vector<std::vector<double>> sums(parts, std::vector<double>(subject.anatomy->width));
  Status status = parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    neurons::Rows row;
    const size_t end = std::min(numbers.size(), (part + 1) * kPairsAtOnce);
    for (size_t i = part * kPairsAtOnce; i < end; ++i) {
      if (Status read = read_unit_row(subject, numbers[i], row); !read) return read;
      for (size_t c = 0; c < row.width; ++c) sums[part][c] += row.values[c];
    }
    return {};
  });
  if (!status) return std::move(status).error();
  std::vector<double> mean(subject.anatomy->width);
  for (const auto& sum : sums) {
    for (size_t c = 0; c < mean.size(); ++c) {
      mean[c] += sum[c] / static_cast<double>(numbers.size());
    }
  }
  return mean;
}

// Pair k is compared with the first row of k and the second of the pair half of the list away.
Result<uint64_t> count_alike(const Subject& subject, const std::vector<RowPair>& pairs,
                             const std::vector<double>& mean, unsigned threads) {
  const size_t parts = (pairs.size() + kPairsAtOnce - 1) / kPairsAtOnce;
  std::vector<uint64_t> counts(parts);
  Status status = parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    neurons::Rows first, second, other;
    const size_t end = std::min(pairs.size(), (part + 1) * kPairsAtOnce);
    for (size_t k = part * kPairsAtOnce; k < end; ++k) {
      const RowPair& mismatched = pairs[(k + pairs.size() / 2) % pairs.size()];
      Status read = read_unit_row(subject, pairs[k].first, first);
      if (read) read = read_unit_row(subject, pairs[k].second, second);
      if (read) read = read_unit_row(subject, mismatched.second, other);
      if (!read) return read;
      counts[part] += cosine(first, second, mean) > cosine(first, other, mean);
    }
    return {};
  });
  if (!status) return std::move(status).error();
  uint64_t count = 0;
  for (const uint64_t each : counts) count += each;
  return count;
}

}  // namespace

std::vector<RowPair> word_pairs(const checkpoint::Vocabulary& vocabulary) {
  std::unordered_map<std::string_view, uint64_t> rows;
  const auto& labels = vocabulary.strings;
  rows.reserve(labels.size());
  for (uint64_t row = 0; row < labels.size(); ++row) {
    const bool may_be_id = labels[row].starts_with('#');
    if (!may_be_id || labels[row] != checkpoint::id_label(row)) rows.emplace(labels[row], row);
  }
  std::vector<RowPair> out;
  for (uint64_t row = 0; row < labels.size(); ++row) {
    const std::string_view label = labels[row];
    const auto found = rows.find(label);
    if (found == rows.end() || found->second != row) continue;
    const std::string_view word = label.substr(label.starts_with(' ') ? 1 : 0);
    if (word.size() < kWordBytesMin || !std::all_of(word.begin(), word.end(), is_letter)) continue;
    const auto pair_with = [&](const std::string& variant) {
      if (const auto other = rows.find(variant); other != rows.end()) {
        out.push_back({row, other->second});
      }
    };
    if (word.size() == label.size()) pair_with(" " + std::string(word));
    if (!std::all_of(word.begin(), word.end(), is_lower)) continue;
    std::string capital(label);
    capital[label.size() - word.size()] -= 'a' - 'A';
    pair_with(capital);
  }
  return out;
}

Result<LabelFit> fit_labels(const Subject& subject, unsigned threads) {
  const std::vector<RowPair> pairs = word_pairs(*subject.vocabulary);
  LabelFit out{.pairs = pairs.size()};
  if (pairs.empty()) return out;
  std::vector<uint64_t> numbers;
  for (const RowPair& pair : pairs) numbers.insert(numbers.end(), {pair.first, pair.second});
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  out.covered = static_cast<double>(numbers.size()) /
                static_cast<double>(std::max<uint64_t>(1, subject.vocabulary->named));
  auto mean = mean_of(subject, numbers, threads);
  if (!mean) return std::move(mean).error();
  auto alike = count_alike(subject, pairs, *mean, threads);
  if (!alike) return std::move(alike).error();
  out.alike = static_cast<double>(*alike) / static_cast<double>(pairs.size());
  return out;
}

}  // namespace wmk::verify
