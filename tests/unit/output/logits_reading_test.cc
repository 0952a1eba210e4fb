// Logits alone: what they show, in how few rows, and how they are read.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kTokens = 2000, kLogitWidth = 24, kLogitPairs = 8, kTexts = 60;

std::vector<std::string> text_labels(size_t count) {
  std::vector<std::string> out;
  for (size_t t = 0; t < count; ++t) out.push_back(cat("token", t));
  return out;
}

struct LogitCase {
  Scratch scratch;
  std::vector<crypto::SecretBytes> keys;
  OutputCarriers carriers;
  std::vector<float> head;  // marked
  std::vector<float> logits;
  double from_weights = 0;

  explicit LogitCase(bool marked = true) {
    keys.push_back(test_key("owner"));
    const auto labels = text_labels(kTokens);
    carriers = carriers_of(keys, labels, kLogitPairs);
    head = normal_numbers(5, kTokens * kLogitWidth);
    if (marked) head = marked_head(keys, labels, head, kLogitPairs, 0.1);
    from_weights = head_z(head, carriers);
    logits = of(kTexts, 77);
  }
  // Logits of some texts: hidden states times the head.
  std::vector<float> of(size_t texts, uint64_t seed) const {
    return product_of(normal_numbers(seed, texts * kLogitWidth),
                      transposed(head, kTokens, kLogitWidth), texts, kLogitWidth, kTokens);
  }
  LogitsReading read(const std::vector<float>& values, const LogitsOptions& options = {},
                     bool half = false) const {
    const auto file = scratch.put("x.npy", npy_of(values, values.size() / kTokens, half));
    return read_logits(file, carriers, options);
  }
  double z(const LogitsReading& reading) const { return reading.output.total(kLogitPairs).z(); }
};

}  // namespace

TEST_CASE("logits show the mark of the head as the weights do", "[output][logits]") {
  const LogitCase c;
  const auto read = c.read(c.logits);
  CHECK(read.rank == kLogitWidth);
  CHECK(read.rank_by_gap);
  CHECK(read.rows == kTexts);
  CHECK(read.columns == kTokens);
  CHECK(c.z(read) == Approx(c.from_weights).margin(0.05));
  CHECK(c.from_weights > 15);
  // As many rows as the model is wide show all; half of them, half of the span.
  std::vector<float> some(c.logits.begin(), c.logits.begin() + kLogitWidth / 2 * kTokens);
  const auto half = c.read(some);
  CHECK(half.rank == kLogitWidth / 2 - 1);
  CHECK_FALSE(half.rank_by_gap);
  CHECK(c.z(half) > 5);
  CHECK(c.z(half) < c.from_weights);
  CHECK(std::abs(LogitCase(false).z(c.read(LogitCase(false).logits))) < 4.5);
}

TEST_CASE("log-probabilities, fewer digits and f16 show the mark of the head", "[output][logits]") {
  const LogitCase c;
  std::vector<float> rounded = c.logits;
  for (size_t row = 0; row < kTexts; ++row) {
    double sum = 0;
    float* values = &rounded[row * kTokens];
    for (size_t t = 0; t < kTokens; ++t) sum += std::exp(static_cast<double>(values[t]));
    for (size_t t = 0; t < kTokens; ++t) {
      values[t] = std::round((values[t] - static_cast<float>(std::log(sum))) * 100) / 100;
    }
  }
  CHECK(c.z(c.read(rounded, {.rank = kLogitWidth})) == Approx(c.from_weights).margin(0.3));
  CHECK(c.z(c.read(c.logits, {.rank = kLogitWidth}, true)) == Approx(c.from_weights).margin(0.3));
}

TEST_CASE("any number of threads reads the same z from logits", "[output][logits]") {
  const LogitCase c;
  const double z = c.z(c.read(c.logits, {.threads = 1}));
  CHECK(c.z(c.read(c.logits, {.threads = 3})) == z);
}

TEST_CASE("a softcap is undone, and a bias falls out with the columns' means", "[output][logits]") {
  const LogitCase c;
  std::vector<float> capped = c.logits, biased = c.logits;
  const auto bias = normal_numbers(8, kTokens);
  for (size_t i = 0; i < capped.size(); ++i) {
    capped[i] = 6 * std::tanh(capped[i] / 6);
    biased[i] += 50 * bias[i % kTokens];
  }
  CHECK(c.z(c.read(capped, {.softcap = 6})) == Approx(c.from_weights).margin(0.3));
  const auto centred = c.read(biased, {.centre_columns = true});
  CHECK(centred.rank == kLogitWidth);
  CHECK(c.z(centred) == Approx(c.from_weights).margin(0.3));
  CHECK(c.z(c.read(biased, {.rank = 1})) < 5);
}

TEST_CASE("rows of any scale are read", "[output][logits]") {
  const LogitCase c;
  const auto scaled = [&](float all, float one) {
    std::vector<float> values = c.logits;
    for (float& each : values) each *= all;
    for (size_t i = 0; i < kTokens; ++i) values[5 * kTokens + i] *= one;
    return c.z(c.read(values));
  };
  const double plain = scaled(1, 1);
  CHECK(plain == Approx(c.from_weights).margin(0.3));
  CHECK(scaled(1e30f, 1) == Approx(plain).margin(1e-3));
  CHECK(scaled(1e-30f, 1) == Approx(plain).margin(1e-3));
  CHECK(scaled(1, 1e20f) == Approx(plain).margin(0.3));
  CHECK(scaled(1, 1e-20f) == Approx(plain).margin(0.3));
}

TEST_CASE("constant columns and columns of minus infinity are dropped", "[output][logits]") {
  const LogitCase c;
  std::vector<float> values = c.logits;
  for (size_t row = 0; row < kTexts; ++row) {
    values[row * kTokens + 3] = -std::numeric_limits<float>::infinity();
    values[row * kTokens + 4] = -100;
    values[row * kTokens + 5] *= row == 9 ? 0 : 1;
  }
  values[7 * kTokens + 6] = -std::numeric_limits<float>::infinity();
  const auto read = c.read(values);
  CHECK(read.columns == kTokens - 3);
  CHECK(c.z(read) == Approx(c.from_weights).margin(0.5));
}

TEST_CASE("a part of the columns is read by its token ids, and files are stacked",
          "[output][logits]") {
  const LogitCase c;
  // Every other token, in reverse order, in two files.
  std::vector<uint32_t> ids;
  for (uint32_t t = kTokens; t-- > 0;) {
    if (t % 2 == 0) ids.push_back(t);
  }
  Bytes id_bytes(4 * ids.size());
  std::vector<std::string> labels;
  for (size_t i = 0; i < ids.size(); ++i) {
    store_le(&id_bytes[4 * i], ids[i]);
    labels.push_back(cat("token", ids[i]));
  }
  std::vector<std::filesystem::path> files;
  for (size_t part = 0; part < 2; ++part) {
    std::vector<float> values;
    for (size_t row = part * kTexts / 2; row < (part + 1) * kTexts / 2; ++row) {
      for (const uint32_t t : ids) values.push_back(c.logits[row * kTokens + t]);
    }
    files.push_back(c.scratch / cat("part", part, ".safetensors"));
    write_safetensors(files.back(),
                      {stored("logits", checkpoint::DType::bf16, {kTexts / 2, ids.size()}, values),
                       {"token_ids", checkpoint::DType::i32, {ids.size()}, id_bytes}});
  }
  const Logits logits = must(Logits::open(files));
  CHECK(logits.rows() == kTexts);
  CHECK(logits.token_ids() == ids);
  CHECK(logits.place_of(kTexts / 2 + 3) == "part1.safetensors, row 3");
  const auto carriers = carriers_of(c.keys, labels, kLogitPairs);
  const auto read = must(read_output_logits(logits, carriers, {.rank = kLogitWidth}));
  const double z = c.z(read);
  CHECK(z > 0.5 * c.from_weights);
  CHECK(z < 0.9 * c.from_weights);

  // The labels are those of the tokenizer.
  std::filesystem::create_directory(c.scratch / "model");
  write_tiny_model(c.scratch / "model", "llama", {.vocabulary = kTokens});
  const auto named = must(logit_labels(logits, c.scratch / "model"));
  CHECK(named == labels);
}

TEST_CASE("z of unmarked logits has deviation 1", "[output][logits]") {
  const LogitCase c(false);
  NullStatistics null;
  for (int i = 0; i < 100; ++i) {
    std::vector<crypto::SecretBytes> keys;
    keys.push_back(test_key(cat("key", i)));
    const auto carriers = carriers_of(keys, text_labels(kTokens), 4);
    const auto file = c.scratch.put("null.npy", npy_of(c.logits, kTexts));
    null.add(read_logits(file, carriers).output.total(4).z());
  }
  CAPTURE(null.text());
  CHECK(null.deviation() > 0.8);
  CHECK(null.deviation() < 1.2);
}

TEST_CASE("the gap of a spectrum is its largest ratio of at least 10", "[output][logits]") {
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.push_back(1000.0 / (1 + i));
  CHECK_FALSE(spectral_gap(values));
  for (int i = 0; i < 20; ++i) values.push_back(1.0 / (1 + i));
  CHECK(spectral_gap(values) == 40);
  // Rounding leaves values around zero: no gap among them counts.
  values.insert(values.end(), {1e-9, 1e-14, -1e-9});
  CHECK(spectral_gap(values) == 60);
  CHECK_FALSE(spectral_gap({}));
  CHECK_FALSE(spectral_gap({0, 0}));
}

}  // namespace wmk::embed
