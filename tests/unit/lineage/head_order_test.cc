// Heads in another order (specs/lineage.md 3).
#include "lineage/align/head_matching.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::HeadCircuits;
using lineage::Outcome;

// Four heads in two groups. Each has one entry, which is given, among any coordinates.
HeadCircuits heads_with(const std::vector<size_t>& entries) {
  HeadCircuits out{4, 2, 8, 1, std::vector<float>(4 * 64), std::vector<float>(4 * 16)};
  for (size_t i = 0; i < 4; ++i) {
    out.inner[i * 64 + entries[i]] = 1;
    out.outer[i * 16 + entries[i]] = out.outer[i * 16 + 8 + entries[i]] = 1;
  }
  return out;
}

TEST_CASE("groups of heads are matched, and query heads within them", "[lineage]") {
  const HeadCircuits a = heads_with({0, 1, 2, 3});
  const auto order = lineage::head_order(heads_with({3, 2, 0, 1}), a);
  CHECK(order.key_value == std::vector<size_t>{1, 0});
  CHECK(order.query == std::vector<size_t>{2, 3, 1, 0});
  CHECK(lineage::head_order(a, a).query.empty());  // in order
  // Heads that agree no better at the other coordinates stay in theirs.
  HeadCircuits other = heads_with({3, 2, 0, 1});
  other.outer = a.outer;
  CHECK(lineage::head_order(other, a).query.empty());
}

// Blocks of `size` lines each take the place of the next one.
void move_heads(size_t size, size_t columns, bool by_columns, lab::Values& values) {
  const lab::Values old = values;
  const size_t lines = by_columns ? columns : values.size() / columns;
  const size_t across = values.size() / lines;
  for (size_t i = 0; i < lines; ++i) {
    const size_t from = (i + size) % lines;
    for (size_t j = 0; j < across; ++j) {
      by_columns ? values[j * columns + i] = old[j * columns + from]
                 : values[i * columns + j] = old[from * columns + j];
    }
  }
}

TEST_CASE("heads that changed places are found by their circuits", "[lineage]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  // Four groups of two query heads of 8 dimensions.
  const auto moved = edited(
      scratch, "moved", model, [](const std::string& name, size_t columns, lab::Values& values) {
        const auto is = [&](const char* part) { return name.find(part) != std::string::npos; };
        if (is("q_proj")) move_heads(16, columns, false, values);
        if (is("k_proj") || is("v_proj")) move_heads(8, columns, false, values);
        if (is("o_proj")) move_heads(16, columns, true, values);
      });
  const auto found = compared(moved, model);
  CHECK(to_string(found.judgement.verdict) == "derived");
  for (const char* name : {"T1 row signs, v/o", "T1 row signs, q/k"}) {
    const auto& test = test_named(found, name);
    INFO(test.note);
    CHECK(test.outcome == Outcome::hit);
    CHECK(test.effect > 0.99);
    CHECK(test.note.find("heads in another order in 4 layers") != std::string::npos);
  }
  // Of other models heads stay where they are.
  const auto other = compared(compared_model(scratch, "other", 2), model);
  CHECK(test_named(other, "T1 row signs, v/o").note.find("heads in another order") ==
        std::string::npos);
}

}  // namespace
}  // namespace wmk::test
