// Files that hold no logits, or not all of them: one clear error each.
#include <limits>

#include "base/text.h"
#include "checkpoint/numbers/npy.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

void check_refused(const Scratch& scratch, const std::string& bytes, std::string_view words) {
  const auto opened = Logits::open({scratch.put("x.npy", bytes)});
  CAPTURE(words);
  REQUIRE_FALSE(opened);
  CAPTURE(opened.error().message());
  CHECK(opened.error().message().starts_with("x.npy: "));
  CHECK(opened.error().message().find(words) != std::string::npos);
}

std::string header(std::string_view type, std::string_view order, std::string_view shape) {
  return cat("{'descr': ", type, ", 'fortran_order': ", order, ", 'shape': ", shape, ", }\n");
}

// 12 rows of 40 logits of which some are changed; the error of reading them.
std::string read_error(const std::function<void(std::vector<float>&)>& change,
                       const LogitsOptions& options = {}) {
  Scratch scratch;
  std::vector<float> values = normal_numbers(3, 12 * 40);
  change(values);
  std::vector<std::string> labels;
  for (int t = 0; t < 40; ++t) labels.push_back(cat("t", t));
  std::vector<crypto::SecretBytes> keys;
  keys.push_back(test_key("owner"));
  const auto logits = must(Logits::open({scratch.put("x.npy", npy_of(values, 12))}));
  const auto read = read_output_logits(logits, carriers_of(keys, labels, 4), options);
  REQUIRE_FALSE(read);
  return read.error().message();
}

bool contains(const std::string& text, std::string_view words) {
  CAPTURE(text, words);
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("an .npy header of any allowed form is read", "[output][bad-input]") {
  Scratch scratch;
  const std::string data(24, '\0');
  for (const std::string& text :
       {header("'<f4'", "False", "(2, 3)"), header("'<f4'", "False", "(2,3,)"),
        std::string("{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}"),
        std::string("{ 'fortran_order' : False , 'shape' : ( 2 , 3 ) , 'descr' : '<f4' }   \n")}) {
    for (const int version : {1, 2, 3}) {
      CAPTURE(text, version);
      const auto logits =
          must(Logits::open({scratch.put("x.npy", npy_bytes(text, data, version))}));
      CHECK(logits.rows() == 2);
      CHECK(logits.columns() == 3);
    }
  }
  const auto half = npy_bytes(header("'<f2'", "False", "(4, 3)"), data);
  CHECK(must(Logits::open({scratch.put("x.npy", half)})).rows() == 4);
}

TEST_CASE("an .npy file that is damaged or holds something else is refused",
          "[output][bad-input]") {
  Scratch scratch;
  const std::string data(24, '\0'), good = header("'<f4'", "False", "(2, 3)");
  const std::string pickle = header("'|O'", "False", "(2, 3)");
  check_refused(scratch, npy_bytes(pickle, data), "type '|O'");
  check_refused(scratch, npy_bytes(header("'>f4'", "False", "(2, 3)"), data), "type '>f4'");
  check_refused(scratch, npy_bytes(header("'<f8'", "False", "(2, 3)"), data), "type '<f8'");
  check_refused(scratch, npy_bytes(header("[('a', '<f4')]", "False", "(2, 3)"), data),
                "not a dictionary");
  check_refused(scratch, npy_bytes(header("'<f4'", "True", "(2, 3)"), data), "column by column");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(6,)"), data), "1 dimensions");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(1, 2, 3)"), data), "3 dimensions");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(2, 4)"), data), "does not fill");
  check_refused(scratch, npy_bytes(good, cat(data, "x")), "does not fill");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(4294967296, 4294967296)"), data),
                "does not fill");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(-2, 3)"), data), "not a dictionary");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(2, 3"), data), "not a dictionary");
  check_refused(scratch, npy_bytes(cat(good, "x"), data), "not a dictionary");
  check_refused(scratch, npy_bytes("{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}", data),
                "not a dictionary");
  check_refused(scratch, npy_bytes("{'descr': '<f4', 'shape': (2, 3)}", data), "not a dictionary");
  check_refused(scratch, npy_bytes(good, data, 4), "version 4.0");
  check_refused(scratch, npy_bytes(std::string(70'000, ' '), data, 2), "too long");
  check_refused(scratch, npy_bytes(good, "", 1).substr(0, 40), "longer than the file");
  check_refused(scratch, "\x93NUMPY", "too short");
  check_refused(scratch, npy_bytes(header("'<f4'", "False", "(0, 3)"), ""), "0 x 3");
}

TEST_CASE("files of logits that do not fit, or lack them, are refused", "[output][bad-input]") {
  Scratch scratch;
  const auto values = normal_numbers(1, 60);
  const auto file = [&](const char* name, const std::vector<StoredTensor>& tensors) {
    write_safetensors(scratch / name, tensors);
    return scratch / name;
  };
  const auto message = [](const Result<Logits>& opened) {
    REQUIRE_FALSE(opened);
    return opened.error().message();
  };
  const auto logits = stored("logits", checkpoint::DType::f32, {3, 20}, values);
  CHECK(contains(
      message(Logits::open({file("a", {stored("x", checkpoint::DType::f32, {60}, values)})})),
      "no tensor 'logits'"));
  CHECK(contains(message(Logits::open(
                     {file("b", {stored("logits", checkpoint::DType::f64, {3, 20}, values)})})),
                 "F64"));
  for (const int64_t id : {int64_t{-1}, int64_t{1} << 40, int64_t{5}}) {
    Bytes ids(20 * 8);
    for (int64_t i = 0; i < 20; ++i) store_le(&ids[static_cast<size_t>(8 * i)], i == 0 ? id : i);
    CHECK(contains(message(Logits::open(
                       {file("c", {logits, {"token_ids", checkpoint::DType::i64, {20}, ids}})})),
                   "token_ids holds"));
  }
  CHECK(
      contains(message(Logits::open({file("d", {logits, stored("token_ids", checkpoint::DType::f32,
                                                               {20}, normal_numbers(1, 20))})})),
               "I32 or I64"));
  const auto one = scratch.put("one.npy", npy_of(normal_numbers(1, 20), 1));
  CHECK(contains(message(Logits::open({one})), "fewer than 2 rows"));
  CHECK(must(Logits::open({one, one})).rows() == 2);
  const auto wider = scratch.put("wider.npy", npy_of(normal_numbers(1, 21), 1));
  CHECK(contains(message(Logits::open({one, wider})), "not those of one.npy"));
  CHECK(contains(message(Logits::open({})), "fewer than 2 rows"));
  CHECK_FALSE(Logits::open({scratch / "nowhere.npy"}));
}

TEST_CASE("logits need a tokenizer with no more tokens than columns", "[output][bad-input]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", {.vocabulary = 40});
  const auto some = must(Logits::open({scratch.put("x.npy", npy_of(normal_numbers(1, 60), 2))}));
  const auto fewer = logit_labels(some, scratch / "model");
  REQUIRE_FALSE(fewer);
  CHECK(contains(fewer.error().message(), "30 columns, and the tokenizer has 10 tokens beyond"));
  CHECK(contains(fewer.error().hint(), "token_ids"));
  // Padded rows have labels of their own.
  const auto more = must(Logits::open({scratch.put("y.npy", npy_of(normal_numbers(1, 100), 2))}));
  CHECK(must(logit_labels(more, scratch / "model"))[49] == "#49");
  std::filesystem::create_directory(scratch / "empty");
  const auto none = logit_labels(more, scratch / "empty");
  REQUIRE_FALSE(none);
  CHECK(contains(none.error().message(), "no tokenizer was found"));
}

TEST_CASE("rows that hold no logits are named", "[output][bad-input]") {
  const auto nan = read_error([](auto& v) { v[5 * 40 + 3] = std::nanf(""); });
  CHECK(contains(nan, "x.npy, row 5: it holds NaN or infinity"));
  CHECK(contains(read_error([](auto& v) { v[0] = kInfinity; }), "row 0"));
  CHECK(contains(read_error([](auto& v) { std::fill_n(&v[2 * 40], 40, 1.5f); }),
                 "row 2: all 40 numbers are equal"));
  // The top 12 of 40, and the rest at minus infinity, at a low number or at zero.
  for (const float rest : {-kInfinity, -100.0f, 0.0f}) {
    const auto top = read_error([&](auto& v) { std::fill_n(&v[40 + 12], 28, rest); });
    CHECK(contains(top, "row 1: 28 of 40"));
    CHECK(contains(top, "a list of the top tokens"));
  }
  CHECK(contains(read_error([](auto& v) { v[41] = 31; }, {.softcap = 30}), "beyond 30.0"));
  // All rows alike: every column is constant.
  CHECK(contains(read_error([](auto& v) {
                   for (size_t i = 40; i < v.size(); ++i) v[i] = v[i - 40];
                 }),
                 "fewer than two columns"));
}

}  // namespace wmk::embed
