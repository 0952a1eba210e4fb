// The order in which units are read, and when the statistic is analysed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "embed/read/scan.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

MarkableModel written(const Scratch& scratch, std::string_view architecture, uint64_t layers,
                      uint64_t units) {
  std::filesystem::remove_all(scratch / "model");
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", architecture,
                   {.width = 16,
                    .vocabulary = 100,
                    .layers = layers,
                    .units = units,
                    .expert_units = 300,
                    .shared_units = 20});
  return open_model(scratch / "model");
}

// Weights read at each analysis.
std::vector<uint64_t> analyses_of(const MarkableModel& model, uint64_t block_bytes, bool interim) {
  const auto structures = share_structures(model, test_key("any"), 1);
  Scan scan(model.checkpoint, model.anatomy, structures,
            scan_order(model.checkpoint, model.anatomy, block_bytes), interim);
  std::vector<uint64_t> out;
  const size_t count = scan.analysis_count();
  while (!scan.done()) {
    must(scan.advance(2, nullptr));
    out.push_back(scan.sketches().weights);
  }
  CHECK(out.size() == count);
  return out;
}

}  // namespace

TEST_CASE("analyses are at block ends, at most seven, and the last covers everything",
          "[verify][interim]") {
  Scratch scratch;
  struct Shape {
    const char* architecture;
    uint64_t layers, units;
  };
  for (const Shape& shape : {Shape{"llama", 1, 10}, Shape{"llama", 2, 300}, Shape{"llama", 3, 257},
                             Shape{"llama", 40, 700}, Shape{"deepseek_v3", 5, 900}}) {
    const MarkableModel model = written(scratch, shape.architecture, shape.layers, shape.units);
    for (uint64_t block_bytes : {uint64_t{1}, uint64_t{16} << 10, uint64_t{4} << 20}) {
      CAPTURE(shape.architecture, shape.layers, shape.units, block_bytes);
      std::set<uint64_t> block_ends;
      uint64_t read = 0;
      for (const auto& block : scan_order(model.checkpoint, model.anatomy, block_bytes)) {
        block_ends.insert(read += block.units * 3 * model.anatomy.width);
      }
      const auto analyses = analyses_of(model, block_bytes, true);
      const uint64_t total = model.anatomy.weight_count();
      CHECK(analyses.size() <= 7);
      CHECK(analyses.back() == total);
      for (uint64_t at : analyses) CHECK(block_ends.contains(at));
      CHECK(std::is_sorted(analyses.begin(), analyses.end(), std::less_equal<>()));
      // Each is at the first block end after 1/64, 1/32, ... 1/1; two at the same block end are
      // one analysis.
      std::set<uint64_t> expected;
      for (uint64_t parts = 64; parts > 0; parts /= 2) {
        expected.insert(*std::find_if(block_ends.begin(), block_ends.end(),
                                      [&](uint64_t end) { return end * parts >= total; }));
      }
      CHECK(std::set<uint64_t>(analyses.begin(), analyses.end()) == expected);
      CHECK(analyses_of(model, block_bytes, false) == std::vector<uint64_t>{total});
    }
  }
}

TEST_CASE("a model with many blocks has all seven analyses", "[verify][interim]") {
  Scratch scratch;
  const auto analyses = analyses_of(written(scratch, "llama", 32, 1024), 1, true);
  REQUIRE(analyses.size() == 7);
  for (size_t i = 0; i < 7; ++i) CHECK(analyses[i] == uint64_t{3 * 16 * 32 * 1024} >> (6 - i));
}

TEST_CASE("every unit is read exactly once", "[verify][interim]") {
  Scratch scratch;
  for (const char* architecture : {"llama", "deepseek_v3", "gpt_oss"}) {
    const MarkableModel model = written(scratch, architecture, 5, 1000);
    for (uint64_t block_bytes : {uint64_t{1}, uint64_t{20} << 10, uint64_t{4} << 20}) {
      CAPTURE(architecture, block_bytes);
      std::map<std::pair<size_t, uint64_t>, int> times;
      for (const auto& block : scan_order(model.checkpoint, model.anatomy, block_bytes)) {
        for (uint64_t u = 0; u < block.units; ++u) ++times[{block.group, block.first + u}];
      }
      CHECK(times.size() == model.anatomy.unit_count());
      for (const auto& [unit, count] : times) REQUIRE(count == 1);
      for (const auto& [unit, count] : times) {
        REQUIRE(unit.second < model.anatomy.groups[unit.first].units);
      }
    }
  }
}

TEST_CASE("the order goes through the depth in bit-reversed steps", "[verify][interim]") {
  Scratch scratch;
  const MarkableModel model = written(scratch, "llama", 6, 600);
  std::vector<uint64_t> layers;
  std::vector<uint64_t> firsts;
  for (const auto& block : scan_order(model.checkpoint, model.anatomy, 1)) {
    layers.push_back(model.anatomy.groups[block.group].layer);
    firsts.push_back(block.first);
  }
  const std::vector<uint64_t> round = {0, 4, 2, 1, 5, 3};  // 0 4 2 6 1 5 3 7 without 6 and 7
  REQUIRE(layers.size() == 18);
  for (size_t i = 0; i < 18; ++i) {
    CHECK(layers[i] == round[i % 6]);
    CHECK(firsts[i] == 256 * (i / 6));
  }
}

TEST_CASE("stripes are neighbouring blocks, every block in one of them", "[verify][interim]") {
  Scratch scratch;
  const MarkableModel model = written(scratch, "deepseek_v3", 3, 1100);
  const auto order = scan_order(model.checkpoint, model.anatomy, 1);  // a panel each
  const auto stripes = stripes_of(model.checkpoint, model.anatomy, order, 1);
  CHECK(stripes.size() < order.size());
  size_t blocks = 0;
  for (const Stripe& stripe : stripes) {
    uint64_t next = stripe.whole.first;
    for (const auto& block : stripe.blocks) {
      CHECK(block.group == stripe.whole.group);
      CHECK(block.first == next);
      next += block.units;
    }
    CHECK(next == stripe.whole.first + stripe.whole.units);
    blocks += stripe.blocks.size();
  }
  CHECK(blocks == order.size());
  CHECK(stripes_of(model.checkpoint, model.anatomy, order, 1000).size() == order.size());
}

TEST_CASE("blocks that are read in stripes give the same sums as blocks read apart",
          "[verify][interim]") {
  Scratch scratch;
  for (const char* architecture : {"llama", "gpt_oss", "deepseek_v3"}) {
    CAPTURE(architecture);
    const MarkableModel model = written(scratch, architecture, 3, 1100);
    const auto structures = share_structures(model, test_key("any"), 1);
    const auto order = scan_order(model.checkpoint, model.anatomy, 1);
    SketchSet apart(structures);
    const Projector projector(model.anatomy, structures);
    UnitBytes bytes;
    SketchWorker worker;
    for (const auto& block : order) {
      must(bytes.read(model.checkpoint, model.anatomy, block));
      worker.absorb(projector, bytes, apart, nullptr);
    }
    // The second memo has room for a part of the blocks: others of the same stripe are read again.
    CoordinateMemo memo(size_t{64} << 20), small(size_t{100} << 10);
    const ScanMemo memos[] = {{}, {&memo, 1}, {&memo, 1}, {&small, 1}, {&small, 1}};
    for (const ScanMemo& each : memos) {
      Scan together(model.checkpoint, model.anatomy, structures, order, {order.size()}, false,
                    each);
      must(together.advance(1, nullptr));
      for (const VectorKind kind : kVectorKinds) {
        for (const TagRule rule : kTagRules) {
          CHECK((together.sketches().at(0, rule).sums(kind) == apart.at(0, rule).sums(kind)));
        }
      }
      CHECK(together.sketches().bytes == apart.bytes);
      CHECK(together.sketches().weights == apart.weights);
    }
  }
}

}  // namespace wmk::embed
