// The mark in one model of every kind of layout: embed, then detect with the right and a wrong key.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

// About 400,000 weights: z near 17.
TinySizes sizes_for(DType dtype) {
  TinySizes sizes{.width = 64, .vocabulary = 500, .layers = 2, .units = 1050};
  sizes.expert_units = 300;
  sizes.shared_units = 150;
  sizes.experts = 3;
  sizes.dtype = dtype;
  sizes.seed = 4;
  return sizes;
}

struct MarkedPair {
  Scratch scratch;
  std::optional<MarkableModel> plain, marked;
  EmbedResult result;

  explicit MarkedPair(std::string_view architecture, DType dtype = DType::bf16) {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", architecture, sizes_for(dtype));
    plain = open_model(scratch / "plain");
    result = mark(*plain, test_key("owner"), scratch / "marked");
    marked = open_model(scratch / "marked");
  }
};

// Elements of each tensor that belong to a view.
std::map<size_t, std::vector<bool>> marked_elements(const MarkableModel& model) {
  std::map<size_t, std::vector<bool>> out;
  for (const auto& group : model.anatomy.groups) {
    std::vector<checkpoint::View> views = {group.up, group.down};
    if (group.gate) views.push_back(*group.gate);
    for (const auto& view : views) {
      auto& inside = out[view.tensor];
      inside.resize(model.checkpoint.tensors()[view.tensor].elements());
      for (uint64_t u = 0; u < group.units; ++u) {
        for (uint64_t c = 0; c < model.anatomy.width; ++c) {
          inside[view.first + u * view.unit_stride + c * view.coordinate_stride] = true;
        }
      }
    }
  }
  return out;
}

// Checks that everything except the elements of marked vectors keeps its bytes.
void check_outside(const Scratch& scratch, const MarkableModel& model) {
  const std::string before = content_of(scratch / "plain/model.safetensors");
  const std::string after = content_of(scratch / "marked/model.safetensors");
  REQUIRE(before.size() == after.size());
  std::vector<bool> may_change(before.size());
  for (const auto& [index, inside] : marked_elements(model)) {
    const auto& tensor = model.checkpoint.tensors()[index];
    const uint64_t bytes = checkpoint::bits(tensor.dtype) / 8;
    for (uint64_t i = 0; i < inside.size() * bytes; ++i) {
      may_change[tensor.offset + i] = inside[i / bytes];
    }
  }
  size_t strayed = 0, changed = 0, allowed = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    strayed += before[i] != after[i] && !may_change[i];
    changed += before[i] != after[i];
    allowed += may_change[i];
  }
  CHECK(strayed == 0);
  CHECK(allowed < before.size());
  CHECK(changed > allowed / 5);  // of two bytes per element, mostly the low one changes
  for (const char* name : {"config.json", "tokenizer.json"}) {
    CHECK(content_of(scratch / cat("plain/", name)) == content_of(scratch / cat("marked/", name)));
  }
}

void check_mark(const MarkedPair& pair) {
  const double n = static_cast<double>(pair.plain->anatomy.weight_count());
  const double expected = kYield * 0.03 * std::sqrt(n);
  const auto found = detect(*pair.marked, test_key("owner"), {.shares = 1, .full = true});
  CAPTURE(n, expected, found.z);
  CHECK(expected > 13);
  CHECK(found.z > 0.8 * expected);
  CHECK(found.z < 1.1 * expected);
  CHECK(report::is_yes(found.level));
  CHECK(found.frame == verify::FrameSource::strings);
  // With 4 to 8 statistics, the probability of reaching 4.5 by chance is at most 3e-4.
  CHECK(detect(*pair.marked, test_key("wrong"), {.shares = 1, .full = true}).z < 4.5);
  CHECK(detect(*pair.plain, test_key("owner"), {.shares = 1, .full = true}).z < 4.5);
}

}  // namespace

TEST_CASE("the mark is found in every kind of layout, by its own key only", "[embed][layouts]") {
  // Dense, fused halves, norm weights of 1 + w and norms after the FFN, post-norm, parallel; not
  // gated, stored transposed or not; experts separate, stacked, transposed, interleaved; shared
  // ones.
  for (const char* architecture :
       {"llama", "phi3", "gemma2", "olmo2", "cohere", "gpt2", "opt", "gpt_neox", "mixtral",
        "qwen2_moe", "deepseek_v3", "merged_moe", "qwen3_vl_moe_text", "gpt_oss", "llama4_text",
        "dbrx", "granitemoe"}) {
    CAPTURE(architecture);
    const MarkedPair pair(architecture);
    check_mark(pair);
    check_outside(pair.scratch, *pair.plain);
  }
}

TEST_CASE("the mark is found in every type of weights, by its own key only", "[embed][layouts]") {
  for (DType dtype : {DType::f32, DType::f16}) {
    CAPTURE(std::string(to_string(dtype)));
    check_mark(MarkedPair("llama", dtype));
  }
}

TEST_CASE("in eight bits rounding costs some of the mark, and the rest is found",
          "[embed][layouts]") {
  for (DType dtype : {DType::f8_e4m3, DType::f8_e5m2}) {
    CAPTURE(std::string(to_string(dtype)));
    const MarkedPair pair("llama", dtype);
    const double n = static_cast<double>(pair.plain->anatomy.weight_count());
    const double z = detect(*pair.marked, test_key("owner"), {.shares = 1, .full = true}).z;
    CAPTURE(z, kYield * 0.03 * std::sqrt(n));
    CHECK(z > 0.6 * kYield * 0.03 * std::sqrt(n));
    CHECK(detect(*pair.marked, test_key("wrong"), {.shares = 1, .full = true}).z < 4.5);
  }
}

TEST_CASE("both halves of interleaved experts are marked", "[embed][layouts]") {
  const MarkedPair pair("gpt_oss");
  for (const auto& group : pair.plain->anatomy.groups) {
    REQUIRE(group.gate);
    REQUIRE(group.gate->tensor == group.up.tensor);
    REQUIRE(group.gate->unit_stride == 2);  // interleaved
    const auto before = values_of(pair.plain->checkpoint, group.up.tensor);
    const auto after = values_of(pair.marked->checkpoint, group.up.tensor);
    for (const checkpoint::View& view : {*group.gate, group.up}) {
      size_t changed = 0;
      for (uint64_t u = 0; u < group.units; ++u) {
        changed +=
            vector_of(*pair.plain, view, before, u) != vector_of(*pair.plain, view, after, u);
      }
      CHECK(changed == group.units);
    }
  }
}

}  // namespace wmk::embed
