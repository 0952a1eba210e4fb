// Which neurons a comparison reads.
#include "lineage/model/sampling.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "lineage/tests/row_sign_tasks.h"

namespace wmk::lineage {
namespace {

checkpoint::Anatomy layer_of(const std::vector<uint64_t>& units) {
  checkpoint::Anatomy anatomy;
  for (const uint64_t count : units) {
    checkpoint::UnitGroup group;
    group.units = count;
    anatomy.groups.push_back(group);
  }
  return anatomy;
}

struct Sampled {
  uint64_t neurons = 0;
  std::map<size_t, uint64_t> by_group;
};

// Fails if a run leaves its group or meets another.
Sampled sampled(const std::vector<uint64_t>& units, uint64_t samples, uint64_t seed = 1) {
  const auto anatomy = layer_of(units);
  const Side side{nullptr, nullptr, &anatomy, nullptr, {}};
  Sampled out;
  std::set<std::pair<size_t, uint64_t>> seen;
  for (const NeuronRun& run : sample_runs(side, 0, samples, seed, "test")) {
    REQUIRE(run.count > 0);
    REQUIRE(run.first + run.count <= units[run.group]);
    for (uint64_t i = 0; i < run.count; ++i) {
      REQUIRE(seen.emplace(run.group, run.first + i).second);
    }
    out.neurons += run.count;
    out.by_group[run.group] += run.count;
  }
  return out;
}

uint64_t least_of(const Sampled& sample) {
  uint64_t least = UINT64_MAX;
  for (const auto& [group, count] : sample.by_group) least = std::min(least, count);
  return least;
}

}  // namespace

TEST_CASE("the minimum of a group does not make a sample larger than it may be") {
  for (const uint64_t samples : {256u, 512u, 2048u}) {
    for (const size_t experts : {9u, 64u, 65u, 128u, 256u}) {
      CAPTURE(samples, experts);
      const Sampled found = sampled(std::vector<uint64_t>(experts, 512), samples);
      CHECK(found.neurons <= samples);
      CHECK(found.neurons > samples / 2);
      // Every expert is read, all of them alike.
      CHECK(found.by_group.size() == experts);
      CHECK(least_of(found) >= std::min<uint64_t>(16, samples / experts));
    }
  }
}

TEST_CASE("small experts and a large shared one stay within the sample together") {
  std::vector<uint64_t> units(60, 40);
  units.push_back(4000);
  const Sampled found = sampled(units, 2048);
  CHECK(found.neurons <= 2048);
  CHECK(found.by_group.size() == 61);
  CHECK(least_of(found) >= 16);
  CHECK(found.by_group.at(60) > 500);
}

TEST_CASE("where there are fewer samples than experts, some experts give one neuron each") {
  const Sampled found = sampled(std::vector<uint64_t>(1024, 64), 256);
  CHECK(found.neurons == 256);
  CHECK(found.by_group.size() == 256);
  CHECK(sampled({64, 64}, 0).neurons == 0);
}

TEST_CASE(
    "a few experts give their shares, and a group that is wanted almost whole is read whole") {
  CHECK(sampled({192}, 192).neurons == 192);
  CHECK(sampled({200}, 192).neurons == 200);
  CHECK(sampled({1536}, 512).neurons == 512);
  const Sampled found = sampled({1000, 1000, 2000}, 400);
  CHECK(found.by_group == std::map<size_t, uint64_t>{{0, 96}, {1, 96}, {2, 192}});
  // The least is two runs of 16.
  CHECK(sampled({100, 10000}, 1000).by_group.at(0) == 32);
}

TEST_CASE("another seed gives another sample of the same size") {
  const auto anatomy = layer_of({4096});
  const Side side{nullptr, nullptr, &anatomy, nullptr, {}};
  const auto first_of = [&](uint64_t seed) { return sample_runs(side, 0, 64, seed, "test"); };
  CHECK(first_of(1).size() == first_of(2).size());
  CHECK(first_of(1)[0].first == first_of(1)[0].first);
  CHECK(first_of(1)[0].first != first_of(2)[0].first);
}

TEST_CASE("over a network whole layers are kept, and fewer are a part of more") {
  const auto layers_kept = [](size_t step) {
    RowSignTasks tasks;
    for (uint64_t layer = 0; layer < 32; ++layer) {
      for (uint64_t head = 0; head < 3; ++head) tasks.all.push_back({.head = head, .layer = layer});
      tasks.layer_ends.push_back(tasks.all.size());
    }
    const std::string said = keep_layers(step, tasks);
    CHECK(said.empty() == (tasks.all.size() == 96));
    std::set<uint64_t> layers;
    for (const RowSignTask& task : tasks.all) layers.insert(task.layer);
    CHECK(tasks.all.size() == 3 * layers.size());
    return layers;
  };
  CHECK(layers_kept(1).size() == 32);
  const auto more = layers_kept(11), fewer = layers_kept(22);
  CHECK(more == std::set<uint64_t>{0, 8, 16, 24});
  CHECK(fewer == std::set<uint64_t>{0, 16});
}

}  // namespace wmk::lineage
