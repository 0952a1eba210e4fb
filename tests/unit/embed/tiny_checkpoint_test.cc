// The tiny checkpoint that the second implementation marked: this implementation reads the same z
// in it, and a mark of its own in the same model gives the same z.
#include <algorithm>

#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"
#include "verify/trace/trace.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

// Within 1 %, or within 0.05, which is promised across kernels (specs/speed.md).
bool agree(double z, double reference) {
  return std::abs(z - reference) <= std::max(0.01 * std::abs(reference), 0.05);
}

struct TinyCase {
  std::string folder, key_name, key;
};

std::vector<TinyCase> tiny_cases(json::Value expected) {
  std::vector<TinyCase> out;
  for (const char* folder : {"tiny-plain", "tiny-marked"}) {
    out.push_back({folder, "right_key", text_at(expected, "key")});
    out.push_back({folder, "wrong_key", text_at(expected, "wrong_key")});
  }
  return out;
}

MarkableModel tiny_model(std::string_view folder) {
  return open_model(cat(kMarkVectors, "/", folder));
}

}  // namespace

TEST_CASE("the labels of the tiny checkpoint are those of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("expected");
  const MarkableModel model = tiny_model("tiny-plain");
  CHECK(model.vocabulary.strings == texts_at(document.root(), "labels"));
  CHECK(model.anatomy.unit_count() == count_at(document.root(), "units"));
  CHECK(model.anatomy.weight_count() == count_at(at(document.root(), "marking"), "weights"));
}

TEST_CASE("z of each share and of the total is that of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("expected");
  const json::Value root = document.root();
  const auto shares = static_cast<unsigned>(count_at(root, "share_count"));
  for (const TinyCase& tiny : tiny_cases(root)) {
    CAPTURE(tiny.folder, tiny.key_name);
    const MarkableModel model = tiny_model(tiny.folder);
    const auto structures = share_structures(model, secret(tiny.key), shares);
    const SketchSet sketches = sketch_all(model, structures);
    const json::Value readings = at(at(root, tiny.folder), tiny.key_name);
    for (TagRule rule : kTagRules) {
      const json::Value expected = at(at(readings, "ownership"), to_string(rule));
      const auto reference = numbers_at<double>(expected, "shares");
      Correlation total;
      for (unsigned i = 0; i < shares; ++i) {
        const auto share = correlate(structures[i], guarded(structures[i], sketches.at(i, rule)));
        CAPTURE(i, share.z(), reference[i]);
        CHECK(agree(share.z(), reference[i]));
        total += share;
      }
      CAPTURE(total.z(), number_at(expected, "total"));
      CHECK(agree(total.z(), number_at(expected, "total")));
    }
  }
}

TEST_CASE("the best total that detection reports is that of the reference", "[verify][vectors]") {
  const auto document = mark_vectors("expected");
  const json::Value root = document.root();
  const auto expected = at(at(at(at(root, "tiny-marked"), "right_key"), "ownership"), "hard");
  const auto key = secret_at(root, "key");
  const auto found = detect(tiny_model("tiny-marked"), key, {.shares = 2, .full = true});
  CHECK(agree(found.z, number_at(expected, "total")));
  CHECK(found.frame == verify::FrameSource::strings);
  CHECK(found.tags == TagRule::hard);
  const auto other = secret_at(root, "wrong_key");
  const auto nothing = detect(tiny_model("tiny-marked"), other, {.shares = 2, .full = true});
  CHECK_FALSE(report::is_yes(nothing.level));
  CHECK(nothing.z < 3);
}

TEST_CASE("z of each licensee is that of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("expected");
  const json::Value root = document.root();
  for (const TinyCase& tiny : tiny_cases(root)) {
    CAPTURE(tiny.folder, tiny.key_name);
    const MarkableModel model = tiny_model(tiny.folder);
    std::vector<StructureKey> keys;
    keys.push_back({trace_key(secret(tiny.key)), StructureRole::trace});
    const auto structures = must(make_structures(
        model.checkpoint, model.anatomy, model.vocabulary.strings, std::move(keys), 1, nullptr));
    const SketchSet sketches = sketch_all(model, structures);
    const json::Value readings = at(at(at(root, tiny.folder), tiny.key_name), "trace");
    for (TagRule rule : kTagRules) {
      const auto sums = block_sums(structures[0], guarded(structures[0], sketches.at(0, rule)));
      for (const json::Value licensee : at(readings, to_string(rule))) {
        const auto code = licensee_code(structures[0].key, licensee.key());
        double product = 0, squares = 0;
        for (size_t l = 0; l < sums.size(); ++l) {
          product += code[l] * sums[l];
          squares += sums[l] * sums[l];
        }
        CAPTURE(licensee.key(), product / std::sqrt(squares), *licensee.number());
        CHECK(agree(product / std::sqrt(squares), *licensee.number()));
      }
    }
  }
}

TEST_CASE("our mark in the tiny checkpoint reads as strong as the reference's",
          "[embed][vectors]") {
  const auto document = mark_vectors("expected");
  const json::Value root = document.root();
  const auto key = secret_at(root, "key");
  const double eps = number_at(root, "strength");
  const MarkableModel plain = tiny_model("tiny-plain");
  Scratch scratch;
  mark(plain, key, scratch / "owned", {.strength = eps, .shares = 2});
  const MarkableModel owned = open_model(scratch / "owned");
  mark(owned, key, scratch / "both", {.strength = eps, .licensee = text_at(root, "licensee")});
  const MarkableModel both = open_model(scratch / "both");

  const json::Value readings = at(at(root, "tiny-marked"), "right_key");
  const double total = number_at(at(at(readings, "ownership"), "hard"), "total");
  const auto found = detect(both, key, {.shares = 2, .full = true});
  // Different random words in the rounding and an additional pass cause noise of about 0.3.
  CHECK(found.z == Approx(total).margin(1.0));
  CHECK_FALSE(report::is_yes(detect(both, secret_at(root, "wrong_key"), {.full = true}).level));

  verify::TraceRequest request;
  request.master = &key;
  request.licensees = {"Acme", "nobody", text_at(root, "licensee")};
  const auto traced =
      must(verify::trace({&both.checkpoint, &both.anatomy, &both.vocabulary}, request));
  CHECK(traced.best.front().id == text_at(root, "licensee"));
  const double reference = number_at(at(at(readings, "trace"), "hard"), traced.best.front().id);
  CHECK(traced.best.front().z == Approx(reference).margin(1.5));
  CHECK(std::abs(traced.best[1].z) < 3);
}

}  // namespace wmk::embed
