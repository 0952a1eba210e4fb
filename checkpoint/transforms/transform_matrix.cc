#include "checkpoint/transforms/transform_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.h"
#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {
namespace {

// Entries of one size may differ by this part of it: bf16 rounds by 2^-9.
constexpr float kEntryTolerance = 1.0f / 128;

// Entry (i, j) of the matrix of Sylvester.
int sylvester(uint64_t i, uint64_t j) { return std::popcount(i & j) % 2 == 0 ? 1 : -1; }

// a and b become a + b and a - b.
void add_and_subtract(float* a, float* b, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const float sum = a[i] + b[i], difference = a[i] - b[i];
    a[i] = sum;
    b[i] = difference;
  }
}

void scale_rows(std::span<float> values, size_t count, std::span<const float> factors) {
  for (size_t row = 0; row < factors.size(); ++row) {
    for (float& value : values.subspan(row * count, count)) value *= factors[row];
  }
}

// Rows of `values` in another order: row i is the old row places[i], or the reverse.
void move_rows(std::span<float> values, size_t count, std::span<const uint32_t> places,
               bool reverse) {
  const std::vector<float> old(values.begin(), values.end());
  for (size_t i = 0; i < places.size(); ++i) {
    const size_t from = reverse ? i : places[i], to = reverse ? places[i] : i;
    std::copy_n(old.begin() + from * count, count, values.begin() + to * count);
  }
}

}  // namespace

Status TransformMatrix::load(std::span<const ReadFile> files) const {
  std::call_once(once_, [&] { status_ = const_cast<TransformMatrix*>(this)->read(files); });
  if (!status_) return Error(status_.error());
  return {};
}

Status TransformMatrix::read(std::span<const ReadFile> files) {
  const uint64_t n = size();
  if (auto status = read_permutation(files); !status) return status;
  if (!source_.stored) {
    sylvester_size_ = n;
    core_ = {1};
    scale_ = static_cast<float>(1 / std::sqrt(static_cast<double>(n)));
    return {};
  }
  std::vector<float> matrix(n * n);
  const auto numbers = plain_numbers(*source_.stored, n, n);
  if (auto status = numbers->read(files, {0, n, 0, n}, matrix); !status) return status;
  if (source_.unit_rows) {
    double squares = 0;
    for (uint64_t i = 0; i < n; ++i) squares += static_cast<double>(matrix[i]) * matrix[i];
    scale_ = static_cast<float>(1 / std::sqrt(squares));
  }
  if (read_signs(matrix)) return {};
  core_size_ = n;
  core_ = std::move(matrix);
  const auto is_number = [](float value) { return std::isfinite(value); };
  if (std::all_of(core_.begin(), core_.end(), is_number) && std::isfinite(scale_)) return {};
  return Error(ErrorCode::malformed, "has a value that is not finite");
}

Status TransformMatrix::read_permutation(std::span<const ReadFile> files) {
  if (!source_.permutation) return {};
  const Tensor& tensor = *source_.permutation;
  Bytes bytes(tensor.bytes);
  if (auto status = files[tensor.file].read_at(tensor.offset, bytes); !status) return status;
  std::vector<bool> seen(size());
  for (uint64_t i = 0; i < size(); ++i) {
    const auto place = load_le<uint64_t>(bytes.data() + 8 * i);
    if (place >= size() || seen[place]) {
      return Error(ErrorCode::malformed, cat("'", escaped(tensor.name), "' is not a permutation"));
    }
    seen[place] = true;
    permutation_.push_back(static_cast<uint32_t>(place));
  }
  return {};
}

// False: entries have different sizes. Else the factors are found.
bool TransformMatrix::read_signs(std::span<const float> matrix) {
  const float entry = std::fabs(matrix[0]);
  std::vector<int8_t> signs(matrix.size());
  for (size_t i = 0; i < matrix.size(); ++i) {
    if (!(std::fabs(std::fabs(matrix[i]) - entry) <= entry * kEntryTolerance)) return false;
    signs[i] = matrix[i] < 0 ? -1 : 1;
  }
  if (entry == 0) return false;
  scale_ *= entry;
  const uint64_t n = size();
  column_signs_.assign(signs.begin(), signs.begin() + static_cast<ptrdiff_t>(n));
  for (uint64_t i = 0; i < n; ++i) {
    row_signs_.push_back(static_cast<float>(signs[i * n] * signs[0]));
  }
  for (uint64_t i = 0; i < n; ++i) {
    for (uint64_t j = 0; j < n; ++j) {
      signs[i * n + j] = static_cast<int8_t>(static_cast<float>(signs[i * n + j]) * row_signs_[i] *
                                             column_signs_[j]);
    }
  }
  find_factors(signs);
  return true;
}

// `signs`: first row and column are 1, so that the factors of Kronecker are too.
void TransformMatrix::find_factors(const std::vector<int8_t>& signs) {
  const uint64_t n = size();
  const auto is_product = [&](uint64_t power, bool outer) {
    const uint64_t core = n / power;
    for (uint64_t i = 0; i < n; ++i) {
      const uint64_t row = outer ? i % core : i / power * power;
      for (uint64_t j = 0; j < n; ++j) {
        const uint64_t column = outer ? j % core : j / power * power;
        const int sign = outer ? sylvester(i / core, j / core) : sylvester(i % power, j % power);
        if (signs[i * n + j] != signs[row * n + column] * sign) return false;
      }
    }
    return true;
  };
  for (uint64_t power = n & -n; power >= 1; power /= 2) {
    const bool outer = is_product(power, true);
    if (!outer && !is_product(power, false)) continue;
    sylvester_size_ = power;
    sylvester_is_outer_ = outer;
    core_size_ = n / power;
    const uint64_t step = outer ? 1 : power;
    for (uint64_t i = 0; i < core_size_; ++i) {
      for (uint64_t j = 0; j < core_size_; ++j) core_.push_back(signs[i * step * n + j * step]);
    }
    return;
  }
}

void TransformMatrix::multiply(std::span<float> values, size_t count, bool transposed) const {
  if (!permutation_.empty()) move_rows(values, count, permutation_, true);
  scale_rows(values, count, transposed ? row_signs_ : column_signs_);
  multiply_by_sylvester(values, count);
  multiply_by_core(values, count, transposed);
  scale_rows(values, count, transposed ? column_signs_ : row_signs_);
  for (float& value : values) value *= scale_;
  if (!permutation_.empty()) move_rows(values, count, permutation_, false);
}

void TransformMatrix::multiply_by_sylvester(std::span<float> values, size_t count) const {
  const size_t unit = (sylvester_is_outer_ ? core_size_ : 1) * count;
  const size_t block = unit * sylvester_size_;
  for (size_t half = unit; half < block; half *= 2) {
    for (size_t at = 0; at < values.size(); at += 2 * half) {
      add_and_subtract(&values[at], &values[at + half], half);
    }
  }
}

void TransformMatrix::multiply_by_core(std::span<float> values, size_t count,
                                       bool transposed) const {
  if (core_size_ == 1) return;
  // Rows of one core are `step` apart.
  const size_t step = sylvester_is_outer_ ? 1 : sylvester_size_;
  std::vector<float> product(core_size_ * count);
  for (size_t block = 0; block < sylvester_size_; ++block) {
    const size_t first = sylvester_is_outer_ ? block * core_size_ : block;
    std::fill(product.begin(), product.end(), 0.0f);
    for (size_t i = 0; i < core_size_; ++i) {
      float* out = &product[i * count];
      for (size_t k = 0; k < core_size_; ++k) {
        const float factor = transposed ? core_[k * core_size_ + i] : core_[i * core_size_ + k];
        const float* in = &values[(first + k * step) * count];
        for (size_t c = 0; c < count; ++c) out[c] += factor * in[c];
      }
    }
    for (size_t i = 0; i < core_size_; ++i) {
      std::copy_n(&product[i * count], count, &values[(first + i * step) * count]);
    }
  }
}

}  // namespace wmk::checkpoint
