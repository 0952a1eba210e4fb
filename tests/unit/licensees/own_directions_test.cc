// A head that is read along the directions of each licensee.
#include "embed/licensees/own_directions.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "stats/symmetric_tiles.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"
#include "verify/licensees/own_scores.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kWidth = 32;

std::vector<std::string> token_labels(size_t rows) {
  std::vector<std::string> out;
  // The last rows share a label.
  for (size_t i = 0; i < rows; ++i) out.push_back(cat("token ", std::min(i, rows - 5)));
  return out;
}

std::vector<std::string> numbered(std::string_view name, size_t count) {
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) out.push_back(cat(name, " ", i));
  return out;
}

// `values` with the mark of a licensee.
std::vector<float> copy_of(const std::vector<float>& values, const crypto::SecretBytes& trace,
                           const std::string& licensee, size_t pairs) {
  const Scratch scratch;
  const size_t rows = values.size() / kWidth;
  const HeadFile file = head_file(scratch / "head.safetensors", values, rows);
  const auto key = licensee_directions_key(trace, licensee);
  const std::vector<OutputMark> marks = {
      {licensee_output_signs(trace, licensee, token_labels(rows), 1),
       output_directions(key, pairs, kWidth)}};
  auto copy =
      must(checkpoint::CheckpointCopy::begin(file.checkpoint, scratch / "out.safetensors", false));
  (void)must(write_output(
      file.checkpoint, marks,
      {.head = file.head, .pairs = pairs, .energy = output_energy(1), .rounding_key = key}, copy));
  return values_of(must(copy.open_written()), 0);
}

struct Read {
  OwnDirections own;
  OutputReading span;
};

Read read_head(const std::vector<float>& values, const crypto::SecretBytes& master,
               unsigned threads = 1) {
  const Scratch scratch;
  const size_t rows = values.size() / kWidth;
  const HeadFile file = head_file(scratch / "head.safetensors", values, rows);
  const auto carriers = output_carriers(master, 0, true, token_labels(rows), 1);
  HeadInverse inverse;
  auto span =
      must(read_output_weights(file.checkpoint, file.head, carriers, threads, nullptr, &inverse));
  return {
      must(OwnDirections::read(file.checkpoint, file.head, carriers, std::move(inverse), threads)),
      std::move(span)};
}

// As the page writes it, in doubles; a head of fewer than 2 d rows has no outlier columns.
double plain_z(const std::vector<float>& values, const crypto::SecretBytes& master,
               const std::string& licensee, size_t pairs) {
  const size_t rows = values.size() / kWidth;
  const auto trace = trace_key(master);
  std::vector<double> w(values.begin(), values.end()), s(kCodeBits);
  stats::SymmetricTiles<double> a(kWidth);
  for (size_t c = 0; c < kWidth; ++c) {
    double mean = 0;
    for (size_t t = 0; t < rows; ++t) mean += w[t * kWidth + c] / static_cast<double>(rows);
    for (size_t t = 0; t < rows; ++t) w[t * kWidth + c] -= mean;
  }
  for (size_t t = 0; t < rows; ++t) {
    for (size_t i = 0; i < kWidth; ++i) {
      for (size_t j = i; j < kWidth; ++j) a.at(i, j) += w[t * kWidth + i] * w[t * kWidth + j];
    }
  }
  const auto labels = token_labels(rows);
  const auto signs = output_signs(trace, labels, 1);
  const auto slots = output_slots(trace, labels, 1);
  const auto u = output_directions(licensee_directions_key(trace, licensee), pairs, kWidth);
  std::vector<double> v(u.size());
  for (size_t i = 0; i < u.size(); ++i) v[i % kWidth * pairs + i / kWidth] = u[i];
  REQUIRE(a.factor(1e-9, 1) > 0);
  a.solve(pairs, v.data());
  for (size_t t = 0; t < rows; ++t) {
    for (size_t i = 0; i < u.size(); ++i) {
      const double sign = (signs.carriers[t] >> i % pairs & 1) != 0 ? 1 : -1;
      s[slots[t]] += sign * w[t * kWidth + i / pairs] * v[i];
    }
  }
  const auto code = output_code(trace, licensee);
  double product = 0, squares = 0;
  for (size_t j = 0; j < s.size(); ++j) {
    product += code[j] * s[j];
    squares += s[j] * s[j];
  }
  return product / std::sqrt(squares);
}

}  // namespace

TEST_CASE("z along own directions is that of the page", "[output][licensees]") {
  const auto master = test_key("owner");
  auto values = normal_numbers(3, 60 * kWidth);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] *= static_cast<float>(std::exp2(static_cast<double>(i % kWidth) / 4));
  }
  const auto read = read_head(values, master);
  CHECK(read.own.pairs() == output_pairs(60, kWidth, 1));
  const auto ids = numbered("licensee", 19);
  const auto z = read.own.scores(trace_key(master), ids, 1);
  for (size_t i = 0; i < ids.size(); ++i) {
    CHECK(z[i] == Approx(plain_z(values, master, ids[i], read.own.pairs())).margin(1e-3));
  }
  // Any number of threads.
  CHECK(read_head(values, master, 3).own.scores(trace_key(master), ids, 2) == z);
}

TEST_CASE("in a mean of three heads each licensee shows along its own directions",
          "[output][licensees]") {
  const auto master = test_key("owner"), trace = trace_key(master);
  const size_t rows = 12000, pairs = output_pairs(rows, kWidth, 1);
  const auto values = normal_numbers(7, rows * kWidth);
  std::vector<float> mean(values.size());
  const auto guilty = numbered("guilty", 3), innocent = numbered("innocent", 400);
  for (const std::string& id : guilty) {
    const auto copy = copy_of(values, trace, id, pairs);
    const auto alone = read_head(copy, master);
    const double z = alone.own.scores(trace, std::span(&id, 1), 1)[0];
    CHECK(z == Approx(own_directions_expected_z(rows, pairs)).epsilon(0.15));
    CHECK(z > alone.span.licensee(output_code(trace, id), pairs).z());
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += copy[i] / 3;
  }
  const auto mixed = read_head(mean, master);
  const auto z = mixed.own.scores(trace, guilty, 1);
  for (size_t i = 0; i < guilty.size(); ++i) {
    const double in_span = mixed.span.licensee(output_code(trace, guilty[i]), pairs).z();
    INFO(z[i] << " beside " << in_span);
    CHECK(z[i] > 7);
    CHECK(z[i] > in_span + 3);
  }
  // Nobody else shows, and nobody under a wrong key.
  const auto wrong = test_key("wrong");
  for (const bool is_wrong : {false, true}) {
    const auto others = is_wrong ? read_head(mean, wrong).own.scores(trace_key(wrong), innocent, 1)
                                 : mixed.own.scores(trace, innocent, 1);
    double squares = 0;
    for (const double each : others) {
      squares += each * each;
      CHECK(std::abs(each) < 4.5);
    }
    // The deviation of 400 values has an error of 3.5 %.
    CHECK(std::sqrt(squares / 400) == Approx(1).margin(0.12));
  }
}

TEST_CASE("of a long list, ids that show nothing elsewhere are not read along their directions",
          "[output][licensees]") {
  const auto master = test_key("owner"), trace = trace_key(master);
  const auto read = read_head(normal_numbers(9, 200 * kWidth), master);
  const auto ids = numbered("licensee", 2000);
  CodeScores first{{std::vector<double>(ids.size(), 1.0)}, {std::vector<double>(ids.size())}};
  first.ffn[0][70] = -6;
  first.output[0][1900] = 6;
  const verify::OwnScores scores({&read.own}, trace, ids, first, 1);
  CodeScores out = first;
  const std::vector<size_t> numbers = {70, 71, 1900};
  scores.append_to(out, numbers);
  REQUIRE(out.output.size() == 2);
  CHECK(out.output[1][0] == read.own.scores(trace, std::span(&ids[70], 1), 1)[0]);
  CHECK(std::isnan(out.output[1][1]));
  CHECK(out.output[1][2] == read.own.scores(trace, std::span(&ids[1900], 1), 1)[0]);
  // All of a short one are read.
  CodeScores few{{std::vector<double>(900)}, {}};
  const std::vector<size_t> one = {5};
  verify::OwnScores({&read.own}, trace, std::span(ids).first(900), few, 1).append_to(few, one);
  CHECK_FALSE(std::isnan(few.output[0][0]));
}

}  // namespace wmk::embed
