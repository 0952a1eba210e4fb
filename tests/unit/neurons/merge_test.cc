// The neuron that several neurons of one gate are together.
#include "neurons/careful/merge.h"

#include <cmath>
#include <random>

#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::neurons {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr uint64_t kWidth = 48;

// A tensor of rows (or, with `columns`, of columns) in a model that has nothing else of interest.
class StoredRows {
 public:
  StoredRows(const std::vector<std::vector<double>>& rows, bool columns) : count_(rows.size()) {
    std::filesystem::create_directory(scratch_ / "model");
    std::vector<float> values(count_ * kWidth);
    for (size_t u = 0; u < count_; ++u) {
      for (size_t c = 0; c < kWidth; ++c) {
        values[columns ? c * count_ + u : u * kWidth + c] = static_cast<float>(rows[u][c]);
      }
    }
    write_safetensors(scratch_ / "model" / "model.safetensors",
                      {stored("rows", DType::f32,
                              columns ? std::vector<uint64_t>{kWidth, count_}
                                      : std::vector<uint64_t>{count_, kWidth},
                              values)});
    checkpoint_.emplace(must(checkpoint::Checkpoint::open(scratch_ / "model")));
    source_ = {
        &*checkpoint_, {0, 0, columns ? 1 : kWidth, columns ? count_ : 1}, count_, kWidth, {}};
    for (std::vector<double> row : rows) scales_.push_back(take_scale(row));
  }

  MemberRows members() const {
    std::vector<uint32_t> all(count_);
    for (uint32_t u = 0; u < count_; ++u) all[u] = u;
    return MemberRows(source_, all, scales_);
  }
  const std::vector<RowScale>& scales() const { return scales_; }

 private:
  Scratch scratch_;
  size_t count_;
  std::optional<checkpoint::Checkpoint> checkpoint_;
  VectorSource source_;
  std::vector<RowScale> scales_;
};

using Matrix = std::vector<std::vector<double>>;

std::vector<double> draw(std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<double> out(kWidth);
  for (double& x : out) x = normal(random);
  return out;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The vector with these coefficients of the members' unit rows.
std::vector<double> combined(const MemberRows& rows, const std::vector<double>& coefficients) {
  std::vector<double> out(kWidth);
  must(rows.for_each_slice([&](const MemberRows::Slice& slice) {
    for (size_t i = 0; i < coefficients.size(); ++i) {
      for (size_t c = 0; c < slice.columns; ++c) {
        out[slice.first + c] += coefficients[i] * slice.row(i)[c];
      }
    }
  }));
  return out;
}

// k neurons with M = u (x) v: downs are v / k and noise that sums to zero; lengths vary.
void check_clones(size_t k, double noise) {
  std::mt19937 random(9);
  const auto u = draw(random), v = draw(random);
  Matrix ups, downs;
  std::vector<double> sum(kWidth);
  for (size_t i = 0; i < k; ++i) {
    std::vector<double> up = u, down = v;
    const double scale = std::exp2(static_cast<double>(i % 5) - 2);
    const auto more = draw(random);
    for (size_t c = 0; c < kWidth; ++c) {
      const double extra = i + 1 < k ? noise * more[c] : -sum[c];
      sum[c] += extra;
      up[c] *= scale;
      down[c] = (v[c] / static_cast<double>(k) + extra) / scale;
    }
    ups.push_back(up);
    downs.push_back(down);
  }
  const StoredRows stored_ups(ups, false), stored_downs(downs, true);
  std::vector<double> strengths;
  std::vector<uint32_t> members;
  for (uint32_t i = 0; i < k; ++i) {
    strengths.push_back(stored_ups.scales()[i].log2() + stored_downs.scales()[i].log2());
    members.push_back(i);
  }
  const auto up_rows = stored_ups.members(), down_rows = stored_downs.members();
  const auto merged = must(merge({members}, up_rows, down_rows, strengths));
  REQUIRE(merged.size() == 1);
  const double length_u = std::sqrt(dot(u, u)), length_v = std::sqrt(dot(v, v));
  CHECK(merged[0].log2_strength == Approx(std::log2(length_u * length_v)).margin(1e-3));
  const double along_u = dot(combined(up_rows, merged[0].up), u) / length_u;
  const double along_v = dot(combined(down_rows, merged[0].down), v) / length_v;
  CHECK(std::abs(along_u) == Approx(1).margin(1e-4));
  // Both may be negated, but not one of them.
  CHECK(along_v == Approx(along_u > 0 ? 1 : -1).margin(1e-4));
}

}  // namespace

TEST_CASE("clones merge into the neuron that they compute, with its signs", "[neurons]") {
  for (size_t k : {2, 3, 17}) check_clones(k, 3.0);
  // So many that their products are not kept.
  check_clones(600, 0.5);
}

TEST_CASE("neurons that cancel are no neuron", "[neurons]") {
  std::mt19937 random(2);
  const auto u = draw(random), v = draw(random);
  auto minus = v;
  for (double& x : minus) x = -x;
  const StoredRows ups({u, u}, false), downs({v, minus}, false);
  const auto merged =
      must(merge({{0, 1}}, ups.members(), downs.members(), std::vector<double>{3, 3}));
  CHECK(merged[0].log2_strength < -20);
}

}  // namespace wmk::neurons
