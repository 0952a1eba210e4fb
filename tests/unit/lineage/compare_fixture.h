// Small models, attacked copies of them, and their comparison.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "checkpoint/layout/anatomy.h"
#include "checkpoint/numbers/widen.h"
#include "lineage/compare.h"
#include "tests/unit/lab/lab_fixture.h"

namespace wmk::test {

struct OpenedSide {
  checkpoint::Checkpoint checkpoint;
  checkpoint::Config config;
  checkpoint::Anatomy anatomy;
  checkpoint::Vocabulary vocabulary;

  lineage::Side side() const { return {&checkpoint, &config, &anatomy, &vocabulary, {}}; }
};

inline OpenedSide open_side(const std::filesystem::path& path) {
  auto checkpoint = checkpoint::Checkpoint::open(path);
  REQUIRE(checkpoint);
  auto config = checkpoint::read_config(*checkpoint);
  REQUIRE(config);
  auto anatomy = checkpoint::make_anatomy(*checkpoint, *config);
  REQUIRE(anatomy);
  auto vocabulary = checkpoint::read_vocabulary(*checkpoint, anatomy->vocabulary);
  REQUIRE(vocabulary);
  return {*std::move(checkpoint), *std::move(config), *std::move(anatomy), *std::move(vocabulary)};
}

// The smallest sizes at which the tests are conclusive.
inline lab::DemoShape compared_shape() {
  lab::DemoShape shape;
  shape.width = 64;
  shape.units = 192;
  shape.layers = 4;
  shape.heads = 8;
  shape.kv_heads = 4;
  shape.vocabulary = 600;
  return shape;
}

inline std::filesystem::path compared_model(const Scratch& scratch, const std::string& name,
                                            uint64_t seed,
                                            const lab::DemoShape& shape = compared_shape()) {
  REQUIRE(lab::write_demo_model(scratch / name, shape, seed, 2, nullptr));
  return scratch / name;
}

// An edit that replaces values by those of another model's tensor; both must outlive it.
inline auto values_of(const OpenedSide& model, const checkpoint::Tensor& tensor) {
  return [&model, &tensor](lab::Values& values) -> Status {
    std::vector<std::byte> raw(tensor.bytes);
    if (auto status = model.checkpoint.read(tensor, 0, raw); !status) return status;
    checkpoint::widen(tensor.dtype, raw, values);
    return {};
  };
}

// A copy of the model with edited tensors, as folder `name`. `edit` gets the name, the number of
// columns and the values of a tensor.
inline std::filesystem::path edited(
    const Scratch& scratch, const std::string& name, const std::filesystem::path& model,
    const std::function<void(const std::string&, size_t, lab::Values&)>& edit) {
  auto opened = lab::Model::open(model);
  REQUIRE(opened);
  for (lab::PlannedTensor& tensor : opened->plan().tensors) {
    tensor.edits.push_back([&tensor, &edit](lab::Values& values) -> Status {
      edit(tensor.name, tensor.columns(), values);
      return {};
    });
  }
  REQUIRE(opened->save(scratch / name, false, 2, nullptr));
  return scratch / name;
}

// The values of a tensor of another model.
inline lab::Values values_in(const OpenedSide& model, const std::string& name) {
  const auto* tensor = model.checkpoint.find(name);
  REQUIRE(tensor != nullptr);
  size_t count = 1;
  for (const uint64_t extent : tensor->shape) count *= extent;
  lab::Values out(count);
  REQUIRE(values_of(model, *tensor)(out));
  return out;
}

inline lineage::Comparison compared(const std::filesystem::path& suspect,
                                    const std::filesystem::path& reference, unsigned threads = 2) {
  const OpenedSide b = open_side(suspect), a = open_side(reference);
  auto found = lineage::compare({b.side(), a.side(), threads, 1, nullptr});
  REQUIRE(found);
  return *std::move(found);
}

inline std::string verdict_of(const std::filesystem::path& suspect,
                              const std::filesystem::path& reference) {
  return std::string(to_string(compared(suspect, reference).judgement.verdict));
}

inline const lineage::TestResult& test_named(const lineage::Comparison& comparison,
                                             std::string_view name) {
  for (const auto& test : comparison.tests) {
    if (test.name == name) return test;
  }
  FAIL("no test named " << name);
  return comparison.tests.front();
}

}  // namespace wmk::test
