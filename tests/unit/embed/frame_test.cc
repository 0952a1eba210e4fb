// How frames follow rotations and permutations, and what they do not depend on.
#include "embed/scheme/frame.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/rotation.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr size_t kRows = 300;
constexpr size_t kWidth = 48;
constexpr size_t kFrameRows = 16;

Result<Frame> frame_of(const std::vector<float>& embedding, const std::vector<std::string>& labels,
                       size_t rows, size_t width, size_t frame_rows, DType dtype = DType::f32,
                       unsigned threads = 2) {
  Scratch scratch;
  write_safetensors(scratch / "model.safetensors",
                    {stored("embedding", dtype, {rows, width}, embedding)});
  const auto checkpoint = must(checkpoint::Checkpoint::open(scratch.folder()));
  checkpoint::Anatomy anatomy;
  anatomy.width = width;
  anatomy.vocabulary = rows;
  const auto key = share_key(test_key("frame"), 0);
  auto frames = make_frames(checkpoint, anatomy, labels, {{&key, frame_rows}}, threads, nullptr);
  if (!frames) return std::move(frames).error();
  return std::move(frames->front());
}

Frame good_frame(const std::vector<float>& embedding, const std::vector<std::string>& labels) {
  return must(frame_of(embedding, labels, labels.size(), kWidth, kFrameRows));
}

double largest_difference(const Frame& a, const Frame& b) { return distance(a.values, b.values); }

}  // namespace

TEST_CASE("the rows of a frame are orthonormal", "[embed][frame]") {
  const Frame frame = good_frame(uniform(1, kRows * kWidth), row_labels(kRows));
  for (size_t a = 0; a < frame.rows; ++a) {
    for (size_t b = 0; b < frame.rows; ++b) {
      const double product =
          std::inner_product(&frame.values[a * kWidth], &frame.values[a * kWidth] + kWidth,
                             &frame.values[b * kWidth], 0.0);
      CHECK(product == Approx(a == b ? 1.0 : 0.0).margin(1e-6));
    }
  }
}

TEST_CASE("a frame turns with the embedding", "[embed][frame]") {
  const auto embedding = uniform(1, kRows * kWidth);
  const Rotation rotation(kWidth, 5);
  const Frame before = good_frame(embedding, row_labels(kRows));
  const Frame after = good_frame(rotation.rows(embedding), row_labels(kRows));
  CHECK(distance(rotation.rows(before.values), after.values) < 1e-5);
  CHECK(largest_difference(before, after) > 0.1);
}

TEST_CASE("permuting the vocabulary with its labels leaves every bit of the frame",
          "[embed][frame]") {
  const auto embedding = uniform(1, kRows * kWidth);
  std::vector<float> moved;
  std::vector<std::string> labels;
  for (size_t t = 0; t < kRows; ++t) {
    const size_t from = (t * 77 + 13) % kRows;  // 77 and 300 have no common factor
    moved.insert(moved.end(), embedding.begin() + from * kWidth,
                 embedding.begin() + (from + 1) * kWidth);
    labels.push_back(cat("#", from));
  }
  const Frame before = good_frame(embedding, row_labels(kRows));
  CHECK(before.values == good_frame(moved, labels).values);
  CHECK(before.values != good_frame(moved, row_labels(kRows)).values);
}

TEST_CASE("a frame has the same bits for any number of threads", "[embed][frame]") {
  const size_t rows = 9000;  // three chunks of the embedding, three of the labels
  const size_t width = 512;
  const auto embedding = uniform(2, rows * width);
  const Frame one = must(frame_of(embedding, row_labels(rows), rows, width, 8, DType::f32, 1));
  for (unsigned threads : {2u, 7u}) {
    const Frame many =
        must(frame_of(embedding, row_labels(rows), rows, width, 8, DType::f32, threads));
    CHECK(one.values == many.values);
  }
}

TEST_CASE("the length of an embedding row does not matter, not even a huge one", "[embed][frame]") {
  const auto embedding = uniform(1, kRows * kWidth);
  std::vector<float> scaled = embedding;
  for (size_t t = 0; t < kRows; t += 3) {
    for (size_t j = 0; j < kWidth; ++j) scaled[t * kWidth + j] *= 0x1p60f;
  }
  const Frame before = good_frame(embedding, row_labels(kRows));
  CHECK(before.values == good_frame(scaled, row_labels(kRows)).values);
}

TEST_CASE("zero rows and rows that are not finite count as zero", "[embed][frame]") {
  auto embedding = uniform(1, kRows * kWidth);
  std::fill_n(embedding.begin() + 7 * kWidth, 2 * kWidth, 0.0f);
  const Frame zeros = good_frame(embedding, row_labels(kRows));
  embedding[7 * kWidth + 3] = std::numeric_limits<float>::quiet_NaN();
  embedding[8 * kWidth] = -std::numeric_limits<float>::infinity();
  const Frame strange = good_frame(embedding, row_labels(kRows));
  CHECK(zeros.values == strange.values);
  for (float value : strange.values) REQUIRE(std::isfinite(value));
  CHECK(zeros.values != good_frame(uniform(1, kRows * kWidth), row_labels(kRows)).values);
}

TEST_CASE("an embedding too small or too degenerate for a frame is malformed",
          "[embed][frame][bad-input]") {
  const auto refuse = [](const std::vector<float>& embedding, size_t rows, size_t width,
                         size_t frame_rows) {
    const auto frame = frame_of(embedding, row_labels(rows), rows, width, frame_rows);
    REQUIRE_FALSE(frame);
    CHECK(frame.error().code() == ErrorCode::malformed);
    CHECK(frame.error().message().find("too small or too degenerate for a frame of " +
                                       std::to_string(frame_rows)) != std::string::npos);
    CHECK(frame.error().message().starts_with("tensor 'embedding'"));
  };
  refuse(uniform(1, 10 * kWidth), 10, kWidth, 16);  // fewer rows than directions
  refuse(std::vector<float>(kRows * kWidth, 0.0f), kRows, kWidth, 16);
  refuse(std::vector<float>(kRows * kWidth, 1.0f), kRows, kWidth, 16);  // one direction only
  std::vector<float> flat = uniform(1, kRows * kWidth);                 // twelve directions
  for (size_t t = 0; t < kRows; ++t) std::fill_n(&flat[t * kWidth + 12], kWidth - 12, 0.0f);
  refuse(flat, kRows, kWidth, 16);
  CHECK(frame_of(flat, row_labels(kRows), kRows, kWidth, 8));
}

}  // namespace wmk::embed
