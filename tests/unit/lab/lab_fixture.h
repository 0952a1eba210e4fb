// Tiny models and attacks on them, for the tests of lab.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lab/attacks.h"
#include "lab/demo/demo_model.h"
#include "tests/unit/scratch.h"

namespace wmk::test {

using Given = std::map<std::string, std::string>;

inline lab::DemoShape tiny_shape() {
  lab::DemoShape shape;
  shape.width = 32;
  shape.units = 48;
  shape.layers = 2;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.vocabulary = 280;
  shape.dtype = checkpoint::DType::f32;
  return shape;
}

// A dense model as folder `name` of the scratch folder.
inline std::filesystem::path tiny_model(const Scratch& scratch, const std::string& name,
                                        const lab::DemoShape& shape = tiny_shape()) {
  const auto written = lab::write_demo_model(scratch / name, shape, 7, 2, nullptr);
  INFO((written ? std::string() : written.error().message()));
  REQUIRE(written);
  return scratch / name;
}

inline Result<lab::AttackOutcome> try_attack(const std::string& name, const Given& given,
                                             const std::filesystem::path& model,
                                             const std::filesystem::path& out, uint64_t seed = 1,
                                             unsigned threads = 2) {
  const lab::Attack* attack = lab::find_attack(name);
  REQUIRE(attack != nullptr);
  auto arguments = lab::Arguments::make(*attack, given, seed);
  if (!arguments) return std::move(arguments).error();
  auto opened = lab::Model::open(model);
  if (!opened) return std::move(opened).error();
  return lab::run_attack(*attack, *arguments, std::move(*opened), {out, false, threads, nullptr});
}

// The attacked copy, in the same folder as the model.
inline std::filesystem::path attacked(const std::string& name, const Given& given,
                                      const std::filesystem::path& model, uint64_t seed = 1,
                                      unsigned threads = 2) {
  auto out = model;
  out += "-" + name + std::to_string(seed) + "-" + std::to_string(threads);
  const auto outcome = try_attack(name, given, model, out, seed, threads);
  INFO(name << ": " << (outcome ? std::string() : outcome.error().message()));
  REQUIRE(outcome);
  return out;
}

}  // namespace wmk::test
