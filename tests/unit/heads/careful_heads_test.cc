// Careful windows of heads: what hides circuits from a plain sketch hides nothing from them
// (specs/careful_heads.md).
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "embed/heads/careful_head_scan.h"
#include "embed/read/head_scan.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr size_t kDepth = 12, kSide = 128, kHeadCount = 8, kSize = kSide / kHeadCount;
constexpr TinySizes kCarefulSizes{
    .width = kSide, .vocabulary = 500, .layers = kDepth, .units = 64, .dtype = DType::f32};

MarkableModel with_heads_of(MarkableModel model, uint64_t heads) {
  auto config = must(checkpoint::read_config(model.checkpoint));
  config.heads = heads;
  config.kv_heads = heads;
  model.anatomy.heads = must(checkpoint::find_heads(model.checkpoint, model.anatomy, config));
  return model;
}

// Rows of the matrices of one layer, [heads][size][width]; o holds columns.
struct Attention {
  std::vector<float> q, k, v, o;
};

std::vector<float> transposed_matrix(const std::vector<float>& rows, size_t width) {
  const size_t count = rows.size() / width;
  std::vector<float> out(rows.size());
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < width; ++j) out[j * count + i] = rows[i * width + j];
  }
  return out;
}

void append(std::vector<float>& to, const std::vector<float>& from, float factor = 1) {
  for (const float x : from) to.push_back(factor * x);
}

// A marked model with separate keys and values for each head, as `change` leaves its layers.
struct HeadsCase {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  MarkableModel model;

  HeadsCase() : model(make()) {}

  MarkableModel make() {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kCarefulSizes);
    const MarkableModel tiny = open_model(scratch / "plain");
    std::vector<StoredTensor> tensors = tensors_of(tiny);
    uint64_t seed = 100;
    for (StoredTensor& tensor : tensors) {
      const bool is_key = tensor.name.find("k_proj") != std::string::npos;
      if (!is_key && tensor.name.find("v_proj") == std::string::npos) continue;
      const auto values = uniform(++seed, kSide * kSide);
      tensor = stored(tensor.name, DType::f32, {kSide, kSide}, values);
    }
    std::filesystem::create_directory(scratch / "wide");
    Marking marking;
    marking.sites = Sites{{false, true, false}};
    mark(with_heads_of(write_model(scratch / "wide", tensors, tiny), kHeadCount), key,
         scratch / "marked", marking);
    return with_heads_of(open_model(scratch / "marked"), kHeadCount);
  }

  MarkableModel changed(const std::function<void(Attention&)>& change) {
    std::vector<StoredTensor> tensors = tensors_of(model);
    uint64_t heads = kHeadCount;
    for (size_t layer = 0; layer < kDepth; ++layer) {
      const std::string front = cat("model.layers.", layer, ".self_attn.");
      const auto values = [&](const char* part) {
        return values_of(model.checkpoint, cat(front, part, "_proj.weight"));
      };
      Attention all{values("q"), values("k"), values("v"), transposed_matrix(values("o"), kSide)};
      change(all);
      heads = all.q.size() / kSide / kSize;
      for (StoredTensor& tensor : tensors) {
        const auto set = [&](const char* part, std::vector<float> rows, bool columns) {
          if (tensor.name != cat(front, part, "_proj.weight")) return;
          const uint64_t count = rows.size() / kSide;
          if (columns) rows = transposed_matrix(rows, kSide);
          tensor = stored(
              tensor.name, DType::f32,
              columns ? std::vector<uint64_t>{kSide, count} : std::vector<uint64_t>{count, kSide},
              rows);
        };
        set("q", all.q, false);
        set("k", all.k, false);
        set("v", all.v, false);
        set("o", all.o, true);
      }
    }
    const auto folder = scratch / cat("changed-", heads, "-", ++changes_);
    std::filesystem::create_directory(folder);
    return with_heads_of(write_model(folder, tensors, model), heads);
  }

  double plain_z(const MarkableModel& suspect) const {
    const auto structures = test::share_structures(suspect, key, 1);
    HeadScan scan(suspect.checkpoint, suspect.anatomy, structures);
    must(scan.advance(1, 1, nullptr));
    return z_of_sketches(structures, scan.sketches());
  }
  struct Careful {
    double z;
    uint64_t heads, merged;
  };
  Careful careful_z(const MarkableModel& suspect, unsigned threads = 1) const {
    const auto structures = test::share_structures(suspect, key, 1);
    CarefulHeadScan scan(suspect.checkpoint, suspect.anatomy, structures);
    must(scan.run(1, threads, nullptr));
    if (scan.windows().empty()) return {0, 0, 0};
    const HeadWindow& window = scan.windows()[0];
    return {z_of_sketches(structures, window.sketches), window.heads, window.merged_heads};
  }

 private:
  static double z_of_sketches(const std::vector<Structure>& structures,
                              const HeadSketchSet& sketches) {
    const auto read = read_head_shares({0}, structures, sketches, 1);
    return total_of(read, 1, TagRule::hard).correlation.z();
  }
  int changes_ = 0;
};

}  // namespace

TEST_CASE("the first careful window of honest heads has the plain z", "[embed][heads]") {
  HeadsCase test;
  const double z = test.plain_z(test.model);
  REQUIRE(z > 6);
  const auto read = test.careful_z(test.model);
  CHECK(read.z == Approx(z).margin(0.1));
  CHECK(read.heads == kDepth * kHeadCount);
  CHECK(read.merged == 0);
  CHECK(test.careful_z(test.model, 3).z == read.z);
}

TEST_CASE("powers of two in values and outputs change no careful z of heads", "[embed][heads]") {
  HeadsCase test;
  const auto suspect = test.changed([](Attention& all) {
    for (size_t i = 0; i < all.v.size(); ++i) {
      const int exponent = i / kSide % 2 == 0 ? 110 : -110;
      all.v[i] = std::ldexp(all.v[i], exponent);
      all.o[i] = std::ldexp(all.o[i], -exponent);
    }
  });
  CHECK(test.plain_z(suspect) < 4);
  CHECK(test.careful_z(suspect).z == Approx(test.careful_z(test.model).z).margin(0.05));
}

TEST_CASE("heads of one pattern count as one, whatever their outputs hold", "[embed][heads]") {
  HeadsCase test;
  const auto suspect = test.changed([](Attention& all) {
    const Attention one = all;
    const auto extra = uniform(5, one.o.size());
    append(all.q, one.q, 2);  // the same pattern
    append(all.k, one.k, 0.5f);
    append(all.v, one.v);
    append(all.o, one.o, 0.5f);
    for (size_t i = 0; i < one.o.size(); ++i) {
      all.o[i] = 0.5f * one.o[i] + extra[i];
      all.o[one.o.size() + i] -= extra[i];
    }
  });
  CHECK(test.plain_z(suspect) < 4);
  const auto read = test.careful_z(suspect);
  CHECK(read.z == Approx(test.plain_z(test.model)).margin(0.3));
  CHECK(read.heads == kDepth * kHeadCount);
  CHECK(read.merged == 2 * kDepth * kHeadCount);
}

TEST_CASE("heads of next to no strength, and sums that vanish, are in no window of the others",
          "[embed][heads]") {
  HeadsCase test;
  for (const float strength : {std::ldexp(1.0f, -40), 1.0f}) {
    const auto suspect = test.changed([strength](Attention& all) {
      const size_t count = all.q.size() / 2;
      const bool cancels = strength == 1;
      const auto queries = uniform(7, count), values = uniform(8, count);
      append(all.q, queries, cancels ? 0.0f : 1.0f);  // attends to all alike
      append(all.k, queries);
      for (size_t h = 0; h < kHeadCount / 2; ++h) {
        const std::vector<float> head(values.begin(), values.begin() + kSize * kSide);
        append(all.v, head);
        append(all.o, head, cancels ? (h % 2 == 0 ? 1.0f : -1.0f) : strength);
      }
    });
    const auto read = test.careful_z(suspect);
    CHECK(read.z == Approx(test.plain_z(test.model)).margin(0.1));
    CHECK(read.heads == kDepth * kHeadCount);
  }
}

}  // namespace wmk::embed
