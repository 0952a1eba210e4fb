#include "embed/output/logit_moments.h"

#include <algorithm>

#include "base/simd.h"
#include "stats/tiled_product.h"

namespace wmk::embed {

namespace {

using stats::Op;

WMK_VECTORIZED void add_to_sums(const float* values, size_t count, double* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += static_cast<double>(values[i]);
}

// Subtracts the mean of its rows from a matrix.
void subtract_mean_row(std::vector<double>& matrix, size_t rows, size_t width) {
  std::vector<double> mean(width);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < width; ++j) mean[j] += matrix[i * width + j];
  }
  for (double& each : mean) each /= static_cast<double>(rows);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < width; ++j) matrix[i * width + j] -= mean[j];
  }
}

}  // namespace

LogitMoments::LogitMoments(size_t rows, const OutputScorer& scorer)
    : rows_(rows),
      columns_(scorer.columns()),
      scorer_(scorer),
      gram_(rows_ * rows_),
      products_(rows_ * columns_),
      row_sums_(rows_),
      partner_sums_(columns_) {}

void LogitMoments::add(const LogitBlocks& blocks, size_t block, unsigned threads) {
  const size_t count = blocks.count(block);
  partners_.resize(count * columns_);
  scorer_.partners(blocks.first(block), count, partners_.data());
  for (size_t j = 0; j < count; ++j) {
    float* signs = &partners_[j * columns_];
    if (blocks.used()[j] == 0) std::fill(signs, signs + columns_, 0.0f);
    add_to_sums(signs, columns_, partner_sums_.data());
    used_ += blocks.used()[j];
  }
  for (size_t row = 0; row < rows_; ++row) {
    const float* values = &blocks.values()[row * count];
    for (size_t j = 0; j < count; ++j) row_sums_[row] += static_cast<double>(values[j]);
  }
  multiply(blocks.values().data(), count, threads);
}

void LogitMoments::multiply(const float* x, size_t count, unsigned threads) {
  const stats::Factor left{Op::plain, x, count}, right{Op::transposed, x, count};
  stats::add_product(rows_, rows_, count, left, right, stats::Triangle::upper, threads,
                     gram_.data());
  const stats::Factor partners{Op::plain, partners_.data(), columns_};
  stats::add_product(rows_, columns_, count, left, partners, stats::Triangle::both, threads,
                     products_.data());
}

void LogitMoments::centre(std::vector<float>& centre) {
  const auto used = static_cast<double>(std::max<uint64_t>(1, used_));
  for (size_t i = 0; i < rows_; ++i) {
    const double mean = row_sums_[i] / used;
    for (size_t j = i; j < rows_; ++j) gram_[i * rows_ + j] -= mean * row_sums_[j];
    for (size_t c = 0; c < columns_; ++c) products_[i * columns_ + c] -= mean * partner_sums_[c];
    centre[i] += static_cast<float>(mean);
  }
  for (size_t i = 0; i < rows_; ++i) {
    for (size_t j = 0; j < i; ++j) gram_[i * rows_ + j] = gram_[j * rows_ + i];
  }
}

// G and B are multiplied by the centring matrix, G from both sides.
void LogitMoments::centre_columns() {
  subtract_mean_row(gram_, rows_, rows_);
  for (size_t i = 0; i < rows_; ++i) {
    double* row = &gram_[i * rows_];
    double sum = 0;
    for (size_t j = 0; j < rows_; ++j) sum += row[j];
    for (size_t j = 0; j < rows_; ++j) row[j] -= sum / static_cast<double>(rows_);
  }
  subtract_mean_row(products_, rows_, columns_);
}

}  // namespace wmk::embed
