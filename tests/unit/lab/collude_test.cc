// Colluders put their copies together as specs/licensees.md 4 says.
#include <algorithm>
#include <cmath>

#include "tests/support/marking.h"
#include "tests/unit/lab/lab_fixture.h"

using namespace wmk;
using namespace wmk::test;

namespace {

constexpr const char* kFirstGate = "model.layers.0.mlp.gate_proj.weight";

std::vector<float> gate_of(const std::filesystem::path& model) {
  return values_of(must(checkpoint::Checkpoint::open(model)), kFirstGate);
}

// Three copies that differ by noise.
struct Colluders {
  Scratch scratch;
  std::filesystem::path a = tiny_model(scratch, "a");
  std::filesystem::path b = attacked("drift", {{"drift", "1"}}, a, 2);
  std::filesystem::path c = attacked("drift", {{"drift", "1"}}, a, 3);
  std::vector<float> in_a = gate_of(a), in_b = gate_of(b), in_c = gate_of(c);

  std::vector<float> collude(const std::string& how, unsigned seed = 1) const {
    const auto out = scratch / (how + std::to_string(seed));
    const auto done = try_attack("collude", {{"with", b.string() + "," + c.string()}, {"how", how}},
                                 a, out, seed);
    REQUIRE(done);
    return gate_of(out);
  }
};

}  // namespace

TEST_CASE("colluders combine each weight of their copies", "[lab][licensees]") {
  const Colluders all;
  const auto mean = all.collude("mean"), median = all.collude("median"),
             minimum = all.collude("minimum"), sum = all.collude("a+b-c"),
             away = all.collude("2a-b"), mixed = all.collude("mixed-weights");
  size_t taken[3] = {};
  for (size_t i = 0; i < mean.size(); ++i) {
    const float a = all.in_a[i], b = all.in_b[i], c = all.in_c[i];
    REQUIRE(mean[i] == Approx((a + b + c) / 3).margin(1e-6));
    REQUIRE(median[i] == std::max(std::min(a, b), std::min(std::max(a, b), c)));
    REQUIRE(minimum[i] == std::min({a, b, c}));
    REQUIRE(sum[i] == Approx(a + b - c).margin(1e-6));
    REQUIRE(away[i] == Approx(2 * a - b).margin(1e-6));
    REQUIRE((mixed[i] == a || mixed[i] == b || mixed[i] == c));
    ++taken[mixed[i] == a ? 0 : mixed[i] == b ? 1 : 2];
  }
  for (const size_t count : taken) CHECK(count > mean.size() / 4);
}

TEST_CASE("whole layers come from one copy", "[lab][licensees]") {
  const Colluders all;
  size_t taken[3] = {};
  for (unsigned seed = 1; seed <= 12; ++seed) {
    const auto mixed = all.collude("mixed-layers", seed);
    const int from = mixed == all.in_a ? 0 : mixed == all.in_b ? 1 : 2;
    if (from == 2) REQUIRE(mixed == all.in_c);
    ++taken[from];
  }
  CHECK(*std::min_element(taken, taken + 3) > 0);
}

TEST_CASE("cutting out removes what marked copies differ in, and little else", "[lab][licensees]") {
  const TinySizes sizes{.width = 64, .vocabulary = 300, .layers = 2, .units = 300, .seed = 6};
  const Scratch scratch;
  const auto key = test_key("owner");
  std::filesystem::create_directory(scratch / "release");
  write_tiny_model(scratch / "release", "llama", sizes);
  const auto release = open_model(scratch / "release");
  for (const char* id : {"ada", "grace"}) {
    mark(release, key, scratch / id, {.licensee = id, .sites = {{true, false, false}}});
  }
  REQUIRE(try_attack("collude", {{"with", (scratch / "grace").string()}, {"cut", "yes"}},
                     scratch / "ada", scratch / "cut"));
  const auto ada = gate_of(scratch / "ada"), grace = gate_of(scratch / "grace"),
             cut = gate_of(scratch / "cut");
  // The rows of the difference have next to no part along those of the cut copy.
  double along = 0, squares = 0, kept = 0, before = 0;
  constexpr size_t kWidth = 64;
  for (size_t row = 0; row + 1 < cut.size() / kWidth; row += 2) {
    double product = 0, difference = 0, length = 0;
    for (size_t k = 0; k < kWidth; ++k) {
      const size_t i = row * kWidth + k;
      const double d = ada[i] - grace[i];
      product += d * cut[i];
      difference += d * d;
      length += double{cut[i]} * cut[i];
      before += double{ada[i]} * ada[i];
    }
    along += product * product;
    squares += difference * length;
    kept += length;
  }
  CHECK(along < 2e-3 * squares);
  CHECK(kept > 0.3 * before);
  CHECK(kept < 0.8 * before);  // 32 of 64 directions
}

TEST_CASE("copies that do not fit, and too few of them, are refused", "[lab][licensees]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  lab::DemoShape shape = tiny_shape();
  shape.units = 40;
  const auto narrow = tiny_model(scratch, "narrow", shape);
  const auto refused = try_attack("collude", {{"with", narrow.string()}}, model, scratch / "out");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find("gate_proj") != std::string::npos);
  CHECK_FALSE(
      try_attack("collude", {{"with", model.string()}, {"how", "a+b-c"}}, model, scratch / "out"));
  CHECK_FALSE(try_attack("collude", {{"with", "missing"}}, model, scratch / "out"));
}
