// The same model, key and strength give the same bytes and the same z, for any number of threads
// and any block size.
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "embed/read/scan.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

// Units of one dense FFN and of experts: several panels, and a last one that is not full.
const TinySizes kSeveralBlocks = {.width = 32,
                                  .vocabulary = 300,
                                  .layers = 3,
                                  .units = 1100,
                                  .expert_units = 530,
                                  .shared_units = 300,
                                  .experts = 2};

MarkableModel written(const Scratch& scratch, std::string_view architecture) {
  std::filesystem::create_directory(scratch / architecture);
  write_tiny_model(scratch / architecture, architecture, kSeveralBlocks);
  return open_model(scratch / architecture);
}

}  // namespace

TEST_CASE("output bytes are the same for any threads and blocks", "[embed][determinism]") {
  Scratch scratch;
  const auto key = test_key("owner");
  for (const char* architecture : {"llama", "gpt_oss", "deepseek_v3"}) {
    CAPTURE(architecture);
    const MarkableModel model = written(scratch, architecture);
    std::optional<std::string> weights, record;
    std::optional<double> change;
    for (unsigned threads : {1u, 2u, 7u}) {
      for (uint64_t block_bytes : {uint64_t{1}, uint64_t{64} << 10, uint64_t{4} << 20}) {
        CAPTURE(threads, block_bytes);
        const auto out = scratch / cat(architecture, "-", threads, "-", block_bytes);
        Marking marking{.shares = 2, .threads = threads, .block_bytes = block_bytes};
        const EmbedResult result = mark(model, key, out, marking);
        if (!weights) {
          weights = content_of(out / "model.safetensors");
          record = content_of(record_of(out));
          change = result.change.relative();
          CHECK(*weights != content_of(scratch / architecture / "model.safetensors"));
        }
        // Not a CHECK on the contents themselves, because a failure would print them.
        CHECK((content_of(out / "model.safetensors") == *weights));
        CHECK((content_of(record_of(out)) == *record));
        CHECK(result.change.relative() == Approx(*change).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("z is the same to the last bit for any threads and blocks", "[embed][determinism]") {
  Scratch scratch;
  const auto key = test_key("owner");
  for (const char* architecture : {"llama", "gpt_oss"}) {
    CAPTURE(architecture);
    mark(written(scratch, architecture), key, scratch / "marked");
    const MarkableModel model = open_model(scratch / "marked");
    const auto structures = share_structures(model, key, 2);
    const SketchSet first = sketch_all(model, structures);
    for (unsigned threads : {1u, 2u, 7u}) {
      for (uint64_t block_bytes : {uint64_t{1}, uint64_t{64} << 10, uint64_t{4} << 20}) {
        CAPTURE(threads, block_bytes);
        const SketchSet sketches = sketch_all(model, structures, threads, block_bytes);
        for (TagRule rule : kTagRules) {
          for (size_t s : {0, 1}) {
            for (VectorKind kind : kVectorKinds) {
              CHECK((sketches.at(s, rule).sums(kind) == first.at(s, rule).sums(kind)));
            }
            CHECK(z_of(structures[s], sketches, s, rule) == z_of(structures[s], first, s, rule));
          }
        }
        CHECK(sketches.weights == model.anatomy.weight_count());
      }
    }
    std::filesystem::remove_all(scratch / "marked");
    std::filesystem::remove(record_of(scratch / "marked"));
  }
}

TEST_CASE("coordinates from a memo are those that would be computed", "[embed][determinism]") {
  Scratch scratch;
  const MarkableModel model = written(scratch, "llama");
  const auto structures = share_structures(model, test_key("owner"), 1);
  const auto others = share_structures(model, test_key("other"), 1);
  const auto order = scan_order(model.checkpoint, model.anatomy);
  checkpoint::Anatomy swapped = model.anatomy;  // the same vectors in other roles
  for (auto& group : swapped.groups) std::swap(*group.gate, group.up);
  checkpoint::Anatomy doubled = model.anatomy;  // other norm weights
  for (auto& weights : doubled.norm_weights) {
    for (size_t c = 0; c < weights.size(); c += 2) weights[c] *= 2;
  }
  const checkpoint::Anatomy* anatomies[] = {&model.anatomy, &swapped, &doubled};
  CoordinateMemo memo(size_t{64} << 20), full(1000);
  for (CoordinateMemo* each : {&memo, &full}) {
    for (const checkpoint::Anatomy* anatomy : anatomies) {
      for (const uint64_t frames : {1, 2}) {
        const auto& used = frames == 1 ? structures : others;
        Scan plain(model.checkpoint, *anatomy, used, order, false);
        Scan with_memo(model.checkpoint, *anatomy, used, order, {order.size()}, false,
                       ScanMemo{each, frames});
        must(plain.advance(1, nullptr));
        must(with_memo.advance(2, nullptr));
        for (VectorKind kind : kVectorKinds) {
          const auto& expected = plain.sketches().at(0, TagRule::soft).sums(kind);
          CHECK((with_memo.sketches().at(0, TagRule::soft).sums(kind) == expected));
        }
        CHECK(with_memo.sketches().bytes == plain.sketches().bytes);
      }
    }
  }
  // What only changes its role is known; what is folded with another norm weight is not.
  const auto is_known = [&](const checkpoint::Anatomy& anatomy, VectorKind kind, uint64_t frames) {
    const auto key = CoordinateMemo::key_of(model.checkpoint, anatomy, order[0], kind, frames);
    return memo.find(key) != nullptr;
  };
  CHECK(is_known(swapped, VectorKind::gate, 1));
  CHECK_FALSE(is_known(swapped, VectorKind::gate, 3));
  const auto key = [&](const checkpoint::Anatomy& anatomy, VectorKind kind) {
    return CoordinateMemo::key_of(model.checkpoint, anatomy, order[0], kind, 1);
  };
  CHECK(key(swapped, VectorKind::gate) == key(model.anatomy, VectorKind::up));
  CHECK(key(doubled, VectorKind::gate) != key(model.anatomy, VectorKind::gate));
  CHECK(key(doubled, VectorKind::down) == key(model.anatomy, VectorKind::down));
}

TEST_CASE("detection gives the same answer for any number of threads", "[verify][determinism]") {
  Scratch scratch;
  const auto key = test_key("owner");
  mark(written(scratch, "llama"), key, scratch / "marked", {.shares = 2});
  const MarkableModel model = open_model(scratch / "marked");
  const auto one = detect(model, key, {.threads = 1});
  for (unsigned threads : {2u, 7u}) {
    const auto many = detect(model, key, {.threads = threads});
    CHECK(many.z == one.z);
    CHECK(many.ln_p == one.ln_p);
    CHECK(many.weights_read == one.weights_read);
    CHECK(many.bytes_read == one.bytes_read);
    REQUIRE(many.shares.size() == one.shares.size());
    for (size_t i = 0; i < one.shares.size(); ++i) CHECK(many.shares[i].z == one.shares[i].z);
  }
}

}  // namespace wmk::embed
