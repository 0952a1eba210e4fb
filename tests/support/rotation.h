// A rotation of the residual stream, composed of reflections.
//
// Lifetime: a value. Thread-safety: immutable.
#pragma once

#include <cmath>
#include <random>
#include <vector>

namespace wmk::test {

class Rotation {
 public:
  Rotation(size_t width, uint64_t seed) : width_(width) {
    std::mt19937_64 random(seed);
    for (size_t i = 0; i < 2 * (width / 2); ++i) {
      std::vector<double> axis(width);
      double squares = 0;
      for (double& x : axis) {
        x = static_cast<double>(random() >> 11) * 0x1p-53 - 0.5;
        squares += x * x;
      }
      for (double& x : axis) x /= std::sqrt(squares);
      axes_.push_back(std::move(axis));
    }
  }

  // Each row x of the matrix becomes x Q.
  std::vector<float> rows(const std::vector<float>& matrix) const {
    std::vector<float> out;
    for (size_t first = 0; first < matrix.size(); first += width_) {
      std::vector<double> x(matrix.begin() + static_cast<std::ptrdiff_t>(first),
                            matrix.begin() + static_cast<std::ptrdiff_t>(first + width_));
      for (const auto& axis : axes_) {
        double along = 0;
        for (size_t j = 0; j < width_; ++j) along += x[j] * axis[j];
        for (size_t j = 0; j < width_; ++j) x[j] -= 2 * along * axis[j];
      }
      out.insert(out.end(), x.begin(), x.end());
    }
    return out;
  }
  // Each column of a `width` x n matrix becomes Q^T times it.
  std::vector<float> columns(const std::vector<float>& matrix) const {
    const size_t count = matrix.size() / width_;
    std::vector<float> turned(matrix.size());
    for (size_t i = 0; i < matrix.size(); ++i) {
      turned[(i % count) * width_ + i / count] = matrix[i];
    }
    turned = rows(turned);
    std::vector<float> out(matrix.size());
    for (size_t i = 0; i < out.size(); ++i) out[i] = turned[(i % count) * width_ + i / count];
    return out;
  }

 private:
  size_t width_;
  std::vector<std::vector<double>> axes_;
};

}  // namespace wmk::test
