// Copies that were changed so that some test no longer sees them, and models that share only a
// part.
#include <algorithm>
#include <cmath>
#include <random>

#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lab::Values;
using lineage::Outcome;

bool is(const std::string& name, const char* part) { return name.find(part) != std::string::npos; }
bool says(const lineage::Comparison& found, const char* words) {
  return found.judgement.reason.find(words) != std::string::npos;
}
std::string verdict(const lineage::Comparison& found) {
  return std::string(to_string(found.judgement.verdict));
}

TEST_CASE("a copy is derived if all its signs are turned") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto turned =
      edited(scratch, "turned", model, [](const std::string& name, size_t, Values& values) {
        if (!is(name, "_proj.") || is(name, "gate_proj")) return;
        for (float& value : values) value = -value;
      });
  const auto found = compared(turned, model);
  CHECK(verdict(found) == "derived");
  for (const char* test : {"T1 row signs, v/o", "T1 row signs, q/k", "T4a neuron signs"}) {
    CHECK(test_named(found, test).outcome == Outcome::hit);
    CHECK(test_named(found, test).value < -5);
  }
}

// Rows (or columns) of each head in another place: the one before, or `turn` of it.
void move_dimensions(size_t columns, bool by_columns, Values& values) {
  constexpr size_t kSize = 8;  // of a head
  const size_t lines = by_columns ? columns : values.size() / columns;
  const Values old = values;
  for (size_t i = 0; i < lines; ++i) {
    const size_t from = i / kSize * kSize + (i + 1) % kSize;
    const size_t across = by_columns ? values.size() / columns : columns;
    for (size_t j = 0; j < across; ++j) {
      by_columns ? values[j * columns + i] = old[j * columns + from]
                 : values[i * columns + j] = old[from * columns + j];
    }
  }
}

TEST_CASE("head dimensions that were moved drop one test and the others stand") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto moved =
      edited(scratch, "moved", model, [](const std::string& name, size_t columns, Values& values) {
        if (is(name, "v_proj")) move_dimensions(columns, false, values);
        if (is(name, "o_proj")) move_dimensions(columns, true, values);
      });
  for (const auto& found : {compared(moved, model), compared(model, moved)}) {
    CHECK(verdict(found) == "derived");
    CHECK(test_named(found, "T1 row signs, v/o").outcome != Outcome::hit);
  }
  // One of the two directions is that of the control.
  CHECK(
      (test_named(compared(moved, model), "T1 row signs, v/o").outcome == Outcome::control_failed ||
       test_named(compared(model, moved), "T1 row signs, v/o").outcome == Outcome::control_failed));
}

// Every head's v rows become mixtures of each other; o columns are mixed by the inverse, which is
// the transpose.
void mix_heads(size_t columns, bool by_columns, Values& values) {
  constexpr size_t kSize = 8;
  const Values old = values;
  const size_t lines = by_columns ? columns : values.size() / columns;
  const size_t across = values.size() / lines;
  const auto at = [&](size_t line, size_t j) {
    return by_columns ? j * columns + line : line * columns + j;
  };
  for (size_t i = 0; i < lines; ++i) {
    for (size_t j = 0; j < across; ++j) {
      double sum = 0;
      for (size_t k = 0; k < kSize; ++k) {  // a Hadamard matrix
        const double sign = __builtin_popcountll(i % kSize & k) % 2 ? -1 : 1;
        sum += sign / std::sqrt(8.0) * old[at(i / kSize * kSize + k, j)];
      }
      values[at(i, j)] = static_cast<float>(sum);
    }
  }
}

// q and k of each RoPE pair turned by a quarter.
void turn_pairs(size_t columns, Values& values) {
  constexpr size_t kSize = 8;
  const Values old = values;
  for (size_t i = 0; i < values.size() / columns; ++i) {
    const bool first = i % kSize < kSize / 2;
    const size_t from = first ? i + kSize / 2 : i - kSize / 2;
    for (size_t j = 0; j < columns; ++j) {
      values[i * columns + j] = (first ? -1.0f : 1.0f) * old[from * columns + j];
    }
  }
}

TEST_CASE("attention that was mixed and turned is not called new") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto mixed =
      edited(scratch, "mixed", model, [](const std::string& name, size_t columns, Values& values) {
        if (is(name, "v_proj")) mix_heads(columns, false, values);
        if (is(name, "o_proj")) mix_heads(columns, true, values);
        if (is(name, "q_proj") || is(name, "k_proj")) turn_pairs(columns, values);
      });
  const auto found = compared(mixed, model);
  INFO(found.judgement.reason);
  CHECK(verdict(found) == "partly_derived");
  CHECK(says(found, "attention is not called new: "));
  CHECK(says(found, "'T3 attention Gram' stands out"));
  CHECK(test_named(found, "T1 row signs, v/o").outcome != Outcome::hit);
  CHECK(test_named(found, "T1 row signs, q/k").outcome != Outcome::hit);
  // With a new FFN nothing hits, and nothing is said to be absent.
  const auto other = compared_model(scratch, "other", 2);
  const OpenedSide theirs = open_side(other);
  const auto alone =
      edited(scratch, "alone", mixed, [&](const std::string& name, size_t, Values& values) {
        if (is(name, "mlp.")) values = values_in(theirs, name);
      });
  const auto nothing = compared(alone, model);
  INFO(nothing.judgement.reason);
  CHECK(verdict(nothing) == "not_enough_evidence");
}

TEST_CASE("signs that were turned one by one do not make a copy unrelated") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const OpenedSide theirs = open_side(compared_model(scratch, "other", 2));
  // The same signs for v and o, and for q and k of a pair; query heads follow their key head.
  const auto sign = [](size_t i, size_t heads_of_group, bool pairs) {
    const size_t head = i / 8 / heads_of_group, place = pairs ? i % 4 : i % 8;
    return std::mt19937(static_cast<unsigned>(head * 8 + place + 1))() % 2 ? -1.0f : 1.0f;
  };
  const auto flipped = edited(
      scratch, "flipped", model, [&](const std::string& name, size_t columns, Values& values) {
        if (is(name, "mlp.")) values = values_in(theirs, name);
        const bool pairs = is(name, "q_proj") || is(name, "k_proj");
        if (!pairs && !is(name, "v_proj") && !is(name, "o_proj")) return;
        const size_t group = is(name, "q_proj") || is(name, "o_proj") ? 2 : 1;
        for (size_t at = 0; at < values.size(); ++at) {
          values[at] *= sign(is(name, "o_proj") ? at % columns : at / columns, group, pairs);
        }
      });
  const auto found = compared(flipped, model);
  INFO(found.judgement.reason);
  CHECK(verdict(found) == "not_enough_evidence");
  CHECK(test_named(found, "T1 row signs, v/o").outcome == Outcome::anomaly);
  CHECK(test_named(found, "T1 row signs, q/k").outcome == Outcome::anomaly);
}

TEST_CASE("a few equal neurons fail one control and the others stand") {
  Scratch scratch;
  constexpr size_t kUnits = 192, kEqual = 8;
  auto shape = compared_shape();
  shape.layers = 8;
  const auto model = compared_model(scratch, "model", 1, shape);
  const auto equal =
      edited(scratch, "equal", model, [](const std::string& name, size_t columns, Values& values) {
        if (!is(name, "mlp.")) return;
        for (size_t i = 0; i < kEqual; ++i) {
          for (size_t j = 0; j < values.size() / kUnits; ++j) {
            is(name, "down_proj") ? values[j * kUnits + i] = values[j * kUnits + kEqual]
                                  : values[i * columns + j] = values[kEqual * columns + j];
          }
        }
      });
  // Both have them, so that neighbours agree in both.
  const auto found = compared(attacked("drift", {{"drift", "0.1"}}, equal), equal);
  INFO(found.judgement.reason);
  CHECK(verdict(found) == "derived");
  CHECK(test_named(found, "T1 row signs, up/down").note.find("z counts as") != std::string::npos);
  CHECK(test_named(found, "T1 row signs, up/down").outcome == Outcome::hit);
}

TEST_CASE("rows that were planted in either model are too weak to come from copying") {
  Scratch scratch;
  auto shape = compared_shape();
  shape.units = 384;
  shape.layers = 8;
  const auto model = compared_model(scratch, "model", 1, shape);
  const OpenedSide theirs = open_side(model);
  const auto reference = edited(scratch, "reference", compared_model(scratch, "other", 2, shape),
                                [&](const std::string& name, size_t columns, Values& values) {
                                  if (!is(name, "_proj.")) return;
                                  const bool by_columns =
                                      is(name, "down_proj") || is(name, "o_proj");
                                  const Values source = values_in(theirs, name);
                                  for (size_t at = 0; at < values.size(); ++at) {
                                    const size_t line = by_columns ? at % columns : at / columns;
                                    if (line % 20 == 3) values[at] = source[at];  // a twentieth
                                  }
                                });
  for (const auto& found : {compared(model, reference), compared(reference, model)}) {
    INFO(found.judgement.reason);
    CHECK(verdict(found) == "not_enough_evidence");
    CHECK(says(found, "too weak to come from copying; either side could have planted it"));
    CHECK(test_named(found, "T1 row signs, up/down").log10_p < -15);
  }
}

TEST_CASE("a token embedding that both models have is a shared component") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const OpenedSide theirs = open_side(model);
  const auto taken = edited(scratch, "taken", compared_model(scratch, "other", 2),
                            [&](const std::string& name, size_t, Values& values) {
                              if (!is(name, "embed_tokens")) return;
                              values = values_in(theirs, name);
                              std::mt19937_64 random(3);
                              std::normal_distribution<float> gaussian(0, 0.02f);
                              for (float& value : values) value += gaussian(random);
                            });
  std::filesystem::copy_file(model / "tokenizer.json", taken / "tokenizer.json",
                             std::filesystem::copy_options::overwrite_existing);
  const auto found = compared(taken, model);
  INFO(found.judgement.reason);
  CHECK(verdict(found) == "shared_component");
  CHECK(found.judgement.component == "the token embedding");
  CHECK(says(found, "does not speak about the rest"));
  CHECK(test_named(found, "T2 embedding in place").effect > 0.8);
  const auto unrelated = compared(compared_model(scratch, "third", 3), model);
  CHECK(test_named(unrelated, "T2 embedding in place").outcome == Outcome::null);
}

TEST_CASE("tokens that were renamed are matched by number") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const OpenedSide a = open_side(model);
  const auto found_with_renamed = [&](const std::filesystem::path& path) {
    OpenedSide b = open_side(path);
    auto& strings = b.vocabulary.strings;
    std::rotate(strings.begin(), strings.begin() + 7, strings.end());
    auto found = lineage::compare({b.side(), a.side(), 2, 1, nullptr});
    REQUIRE(found);
    return *std::move(found);
  };
  const auto copy = found_with_renamed(attacked("rotate", {}, model));
  INFO(copy.judgement.reason);
  CHECK(verdict(copy) == "derived");
  CHECK(copy.basis == lineage::BasisKind::rotation);
  CHECK(test_named(copy, "T2 embedding gauge").note.ends_with("matched by number"));
  const auto other = found_with_renamed(compared_model(scratch, "other", 2));
  CHECK(verdict(other) == "no_shared_weights");
  CHECK_FALSE(test_named(other, "T2 embedding gauge").note.ends_with("matched by number"));
}

TEST_CASE("a rotated copy with a new embedding is derived by its neurons") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto rotated = attacked("rotate", {}, model);
  const auto copy =
      edited(scratch, "copy", rotated, [&](const std::string& name, size_t, lab::Values& values) {
        if (name.find("embed") == std::string::npos && name.find("lm_head") == std::string::npos)
          return;
        std::mt19937_64 random(7);
        for (float& value : values) value = static_cast<float>(random() >> 40) * 0x1p-24f - 0.5f;
      });
  const auto found = compared(copy, model);
  INFO(found.judgement.reason);
  CHECK(verdict(found) == "derived");
  CHECK(found.basis == lineage::BasisKind::neurons);
  CHECK(test_named(found, "T2 basis by neurons").note.find("pairs") != std::string::npos);
}

TEST_CASE("no shared weights are not stated where coordinates could not be sought") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto other = compared_model(scratch, "other", 2);
  CHECK(verdict(compared(other, model)) == "no_shared_weights");
  std::filesystem::remove(other / "tokenizer.json");
  const auto found = compared(other, model);
  CHECK(verdict(found) == "not_enough_evidence");
  CHECK(says(found, "not tried: coordinates fitted to the embeddings: one tokenizer is missing"));
}

}  // namespace
}  // namespace wmk::test
