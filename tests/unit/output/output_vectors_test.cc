// The output head against the second implementation: signs, marked bits, z from weights and logits.
#include <charconv>

#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

struct OutputVectors {
  json::Document document = mark_vectors("output");
  json::Value root = document.root();
  size_t rows = count_at(root, "rows"), width = count_at(root, "width");
  size_t pairs = count_at(root, "pairs");
  double energy = number_at(root, "energy");
  std::vector<std::string> labels = texts_at(root, "labels");
  std::string licensee = text_at(root, "licensee");
  crypto::SecretBytes trace = secret_at(root, "trace");
  std::vector<crypto::SecretBytes> keys;

  OutputVectors() {
    for (const std::string& hex : texts_at(root, "keys")) keys.push_back(secret(hex));
  }
  std::vector<float> head() const { return uniform(31, rows * width); }
  // Numbers of a list of bf16 words.
  std::vector<float> words(std::string_view name) const {
    std::vector<float> out;
    for (const std::string& text : texts_at(root, name)) {
      uint32_t word = 0;
      REQUIRE(std::from_chars(text.data(), text.data() + text.size(), word, 16).ec == std::errc());
      out.push_back(std::bit_cast<float>(word << 16));
    }
    return out;
  }
};

// The head in bf16 with these marks.
std::vector<float> marked_bf16(const std::vector<float>& values, size_t rows,
                               const std::vector<OutputMark>& marks, size_t pairs, double energy,
                               const crypto::SecretBytes& rounding_key) {
  Scratch scratch;
  const HeadFile file = head_file(scratch / "head.safetensors", values, rows, DType::bf16);
  auto copy =
      must(checkpoint::CheckpointCopy::begin(file.checkpoint, scratch / "out.safetensors", false));
  (void)must(write_output(
      file.checkpoint, marks,
      {.head = file.head, .pairs = pairs, .energy = energy, .rounding_key = rounding_key}, copy));
  return values_of(must(copy.open_written()), 0);
}

size_t differing(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  size_t out = 0;
  for (size_t i = 0; i < a.size(); ++i) out += a[i] != b[i];
  return out;
}

}  // namespace

TEST_CASE("signs, slots and directions of the output head are those of the reference",
          "[output][vectors]") {
  const OutputVectors v;
  std::vector<std::string> labels;
  for (const json::Value each : at(v.root, "hashes")) labels.push_back(text_at(each, "label"));
  const OutputSigns signs = output_signs(v.keys[0], labels, 2);
  const auto slots = output_slots(v.keys[0], labels, 2);
  size_t row = 0;
  for (const json::Value each : at(v.root, "hashes")) {
    std::array<std::byte, 16> hash;
    store_le(hash.data(), signs.carriers[row]);
    store_le(hash.data() + 8, signs.partners[row]);
    CHECK(to_hex(hash) == text_at(each, "hash"));
    CHECK(slots[row] == count_at(each, "slot"));
    ++row;
  }
  const auto directions = output_directions(v.keys[0], v.pairs, v.width);
  CHECK(std::vector<int8_t>(directions.begin(), directions.end()) ==
        signs_at(v.root, "directions"));
}

TEST_CASE("the number of pairs is that of the reference", "[output][vectors]") {
  const OutputVectors v;
  for (const json::Value each : at(v.root, "chosen_pairs")) {
    CHECK(output_pairs(count_at(each, "rows"), count_at(each, "width"),
                       static_cast<unsigned>(count_at(each, "shares"))) == count_at(each, "pairs"));
  }
}

TEST_CASE("a licensee's code of the output head is that of the reference", "[output][vectors]") {
  const OutputVectors v;
  const auto code = output_code(v.trace, v.licensee);
  std::vector<std::byte> bytes(kCodeBits / 8);
  for (size_t i = 0; i < kCodeBits; ++i) {
    if (code[i] > 0) bytes[i / 8] |= std::byte{1} << (i % 8);
  }
  CHECK(to_hex(bytes) == text_at(v.root, "code"));
}

TEST_CASE("a marked output head has the bits of the reference", "[output][vectors]") {
  const OutputVectors v;
  std::vector<OutputMark> marks;
  for (const auto& key : v.keys) {
    marks.push_back({output_signs(key, v.labels, 1), output_directions(key, v.pairs, v.width)});
  }
  const double energy = v.energy / std::sqrt(2);
  const auto once = marked_bf16(v.head(), v.rows, marks, v.pairs, energy, v.keys[0]);
  // The order of sums moves a few numbers across a threshold of the rounding.
  CHECK(differing(once, v.words("marked")) <= 5);

  marks.clear();
  const auto directions = licensee_directions_key(v.trace, v.licensee);
  marks.push_back({licensee_output_signs(v.trace, v.licensee, v.labels, 1),
                   output_directions(directions, v.pairs, v.width)});
  const auto rounding = licensee_rounding_key(v.trace, v.licensee);
  const auto twice = marked_bf16(v.words("marked"), v.rows, marks, v.pairs, v.energy, rounding);
  CHECK(differing(twice, v.words("marked_twice")) <= 5);
}

TEST_CASE("z of an output head is that of the reference for every number of pairs",
          "[output][vectors]") {
  const OutputVectors v;
  Scratch scratch;
  const HeadFile file =
      head_file(scratch / "h.safetensors", v.words("marked_twice"), v.rows, DType::bf16);
  OutputCarriers carriers = carriers_of(v.keys, v.labels, 64);
  carriers.trace = output_signs(v.trace, v.labels, 1);
  carriers.slots = output_slots(v.trace, v.labels, 1);
  const auto read = must(read_output_weights(file.checkpoint, file.head, carriers, 1, nullptr));
  const auto code = output_code(v.trace, v.licensee);
  for (const json::Value each : at(v.root, "readings")) {
    const size_t pairs = count_at(each, "pairs");
    CAPTURE(pairs);
    CHECK(read.total(pairs).z() == Approx(number_at(each, "z")).epsilon(1e-3));
    const auto by_share = numbers_at(each, "z_by_share");
    for (size_t s = 0; s < 2; ++s) {
      CHECK(read.total(pairs, s, s + 1).z() == Approx(by_share[s]).epsilon(1e-3));
    }
    CHECK(read.licensee(code, pairs).z() == Approx(number_at(each, "licensee")).epsilon(1e-3));
  }
}

TEST_CASE("z of logits is that of the reference for any rank and number of rows",
          "[output][vectors]") {
  const OutputVectors v;
  Scratch scratch;
  const OutputCarriers carriers = carriers_of(v.keys, v.labels, v.pairs);
  const auto head = transposed(v.words("marked_twice"), v.rows, v.width);
  const auto logits = product_of(uniform(77, 24 * v.width), head, 24, v.width, v.rows);
  const auto file = scratch.put("all.npy", npy_of(logits, 24));
  for (const json::Value each : at(v.root, "by_rank")) {
    const uint64_t rank = count_at(each, "rank");
    CHECK(read_logits(file, carriers, {.rank = rank}).output.total(v.pairs).z() ==
          Approx(number_at(each, "z")).epsilon(1e-3));
  }
  for (const json::Value each : at(v.root, "few_rows")) {
    const size_t rows = count_at(each, "rows");
    std::vector<float> some(logits.begin(),
                            logits.begin() + static_cast<std::ptrdiff_t>(rows * v.rows));
    const auto few = scratch.put("few.npy", npy_of(some, rows));
    CHECK(read_logits(few, carriers, {.rank = 16}).output.total(v.pairs).z() ==
          Approx(number_at(each, "z")).epsilon(1e-3));
  }
}

}  // namespace wmk::embed
