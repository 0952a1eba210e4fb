// The corpus of tests/vectors/index.
#include <catch2/catch.hpp>
#include <sstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/files/shard_index.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/scratch.h"
#include "tests/unit/vectors.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::expanded;
using wmk::test::read_vectors;
using wmk::test::Scratch;
using wmk::test::Vector;

constexpr std::string_view kIndex = "model.safetensors.index.json";

// A weights file with tensors of these names, one byte each.
std::string shard_of(const std::string& names) {
  std::vector<std::pair<std::string, std::string>> content;
  std::istringstream in(names);
  for (std::string name; in >> name;) content.emplace_back(name, "1");
  return test::tiny_file(content);
}

void build(const Vector& vector, const Scratch& scratch) {
  for (const auto& [key, value] : vector.lines) {
    if (key.starts_with("shard ")) scratch.put(key.substr(6), shard_of(value));
    if (key.starts_with("link ")) std::filesystem::create_symlink(value, scratch / key.substr(5));
  }
  scratch.put(kIndex, vector.at("index"));
}

}  // namespace

TEST_CASE("every index of the corpus gets its answer, and errors name the index", "[bad-input]") {
  for (const Vector& vector : read_vectors("index/index.vec")) {
    CAPTURE(vector.name);
    Scratch scratch;
    build(vector, scratch);
    const auto checkpoint = Checkpoint::open(scratch.folder());
    if (vector.at("expect") == "accept") {
      INFO((checkpoint ? "" : checkpoint.error().message()));
      REQUIRE(checkpoint);
      const auto note = vector.find("note");
      REQUIRE(checkpoint->notes().size() == (note ? 1 : 0));
      if (note) CHECK(checkpoint->notes()[0].find(*note) != std::string::npos);
      continue;
    }
    REQUIRE(!checkpoint);
    const std::string& message = checkpoint.error().message();
    CAPTURE(message);
    CHECK(message.find(vector.at("expect")) != std::string::npos);
    CHECK(message.find(kIndex) != std::string::npos);
  }
}

TEST_CASE("an index of more shards than the limit is refused before any is opened", "[bad-input]") {
  const auto with_shards = [](size_t count) {
    std::string json = "{\"weight_map\":{";
    for (size_t i = 0; i < count; ++i) {
      json += cat(i == 0 ? "" : ",", "\"t", i, "\":\"", i, ".safetensors\"");
    }
    return parse_shard_index(json + "}}");
  };
  const auto most = with_shards(kShardsMax);
  REQUIRE(most);
  CHECK(most->shards.size() == kShardsMax);
  const auto refused = with_shards(kShardsMax + 1);
  REQUIRE(!refused);
  CHECK(refused.error().code() == ErrorCode::limit_exceeded);
}

}  // namespace wmk::checkpoint
