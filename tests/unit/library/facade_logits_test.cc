// The facade on logits: files and memory give the same answers.
#include <algorithm>

#include "checkpoint/numbers/widen.h"
#include "tests/support/output_case.h"
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::value;
using wmk::test::StoredTensor;

constexpr size_t kRows = 80, kWidth = 64, kTokens = 6000;

std::vector<float> floats_of(const StoredTensor& tensor) {
  std::vector<float> out(tensor.data.size() / 2);
  wmk::checkpoint::widen(tensor.dtype, tensor.data, out);
  return out;
}

// Logits of a marked model, as a file and as numbers.
struct LogitsCase : test::Case {
  std::vector<float> logits;

  LogitsCase() : Case({.width = kWidth, .vocabulary = kTokens, .layers = 2, .units = 300}) {
    static_cast<void>(value(embed_in_place(in_memory(), key, {.strength = 0.03, .shares = 1})));
    const auto lm_head = std::find_if(tensors.begin(), tensors.end(), [](const auto& each) {
      return each.name.find("lm_head") != std::string::npos;
    });
    REQUIRE(lm_head != tensors.end());
    const auto columns = wmk::test::transposed(floats_of(*lm_head), kTokens, kWidth);
    logits = wmk::test::product_of(wmk::test::normal_numbers(3, kRows * kWidth), columns, kRows,
                                   kWidth, kTokens);
    scratch.put("logits.npy", wmk::test::npy_of(logits, kRows));
  }
  Logits files() const { return {{path("logits.npy")}, {}, path("model")}; }
  Logits memory() {
    return {{},
            {{"logits", "F32", {kRows, kTokens}, logits.data(), logits.size() * sizeof(float)}},
            path("model")};
  }
};

}  // namespace

TEST_CASE("logits show the mark of their head, in files as in memory", "[library]") {
  LogitsCase test;
  const LogitsDetection files = value(detect_logits(test.files(), test.key));
  CHECK(files.is_yes());
  CHECK(files.rows == kRows);
  CHECK(files.columns == kTokens);
  CHECK(files.rank == kWidth);
  CHECK(files.log10_p < -9);
  CHECK(files.claim == "conditional");
  const LogitsDetection memory = value(detect_logits(test.memory(), test.key));
  CHECK(memory.z == files.z);
  CHECK(memory.log10_p == files.log10_p);
  CHECK(memory.finding == files.finding);

  const Key other = *Key::generate();
  const LogitsDetection wrong = value(detect_logits(test.files(), other));
  CHECK(wrong.verdict == Verdict::undecided);
}

TEST_CASE("logits that do not fit together are errors", "[library]") {
  LogitsCase test;
  const auto kind = [&](const Logits& logits) {
    return detect_logits(logits, test.key).error().kind;
  };
  Logits both = test.memory();
  both.files = test.files().files;
  CHECK(kind(both) == ErrorKind::invalid_argument);
  CHECK(kind({{}, {}, test.path("model")}) == ErrorKind::invalid_argument);
  CHECK(kind({test.files().files, {}, ""}) == ErrorKind::invalid_argument);
  CHECK(kind({{test.path("none.npy")}, {}, test.path("model")}) == ErrorKind::io);
  Logits narrow = test.memory();
  narrow.tensors[0].shape[1] = kTokens / 2;
  narrow.tensors[0].shape[0] = 2 * kRows;
  CHECK_FALSE(detect_logits(narrow, test.key));
  const Run stop{.threads = 2, .progress = [](const Progress&) { return false; }};
  CHECK(detect_logits(test.files(), test.key, {}, stop).error().kind == ErrorKind::cancelled);
}

}  // namespace weightmark
