#include "embed/output/output_pairs.h"

#include <algorithm>
#include <cmath>

namespace wmk::embed {

namespace {

// (c + c') / 2: 1, 0 or -1.
int towards(const OutputSigns& signs, size_t row, size_t pair) {
  const int carrier = static_cast<int>(signs.carriers[row] >> pair & 1);
  const int partner = static_cast<int>(signs.partners[row] >> pair & 1);
  return carrier + partner - 1;
}

}  // namespace

OutputPairs::OutputPairs(const std::vector<OutputMark>& marks, size_t pairs,
                         const std::vector<uint8_t>& left_out)
    : marks_(marks), pairs_(pairs), directions_(marks.size() * pairs * left_out.size()) {
  const size_t width = left_out.size();
  const auto used = std::count(left_out.begin(), left_out.end(), 0);
  const float unit = 1 / std::sqrt(static_cast<float>(used));
  size_t i = 0;
  for (const OutputMark& mark : marks) {
    for (size_t e = 0; e < pairs * width; ++e, ++i) {
      if (left_out[e % width] == 0) directions_[i] = unit * static_cast<float>(mark.directions[e]);
    }
  }
}

void OutputPairs::measure(std::span<const double> norms, double energy) {
  for (size_t i = 0; i < count(); ++i) {
    const OutputSigns& signs = marks_[i / pairs_].signs;
    int64_t sum = 0, squares = 0;
    for (size_t row = 0; row < signs.carriers.size(); ++row) {
      const int a = towards(signs, row, i % pairs_);
      sum += a;
      squares += a * a;
    }
    const auto rows = static_cast<double>(signs.carriers.size());
    const double mean = static_cast<double>(sum) / rows;
    const double norm = std::sqrt(static_cast<double>(squares) - rows * mean * mean);
    const double size = norm > 0 ? std::sqrt(energy / (1 - energy)) * norms[i] / norm : 0.0;
    sizes_.push_back(static_cast<float>(size));
    means_.push_back(static_cast<float>(mean));
  }
}

void OutputPairs::coefficients(uint64_t first, uint64_t rows, std::vector<float>& out) const {
  out.resize(rows * count());
  size_t at = 0;
  for (uint64_t row = first; row < first + rows; ++row) {
    for (size_t i = 0; i < count(); ++i, ++at) {
      const int a = towards(marks_[i / pairs_].signs, row, i % pairs_);
      out[at] = sizes_[i] * (static_cast<float>(a) - means_[i]);
    }
  }
}

}  // namespace wmk::embed
