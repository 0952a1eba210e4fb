// The list of readings: its order, its pairs, and what is listed once.
#include "checkpoint/readings/reading_list.h"

#include <catch2/catch.hpp>

#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using namespace wmk::test;

struct Folder {
  Scratch scratch;
  explicit Folder(const char* architecture) {
    std::filesystem::create_directory(scratch / "model");
    write_tiny_model(scratch / "model", architecture);
  }
  ReadingList list() { return ReadingList({scratch / "model"}); }
};

std::vector<std::string> all_words(ReadingList& list) {
  std::vector<std::string> out;
  for (size_t i = 0; list.has(i); ++i) out.push_back(words_of(list.changes(i)));
  return out;
}

}  // namespace

TEST_CASE("the list begins with the declared reading, then single changes by axis, then pairs",
          "[checkpoint][readings]") {
  Folder folder("llama");
  ReadingList list = folder.list();
  REQUIRE(list.declared());
  CHECK(list.declared()->words() == "declared");
  const auto words = all_words(list);
  REQUIRE(words.size() > 4);
  CHECK(words[0] == "declared");
  CHECK(words[1] == "gate and up exchanged");
  bool pairs = false;
  for (size_t i = 1; i < words.size(); ++i) {
    const auto& changes = list.changes(i);
    if (changes.size() == 2) pairs = true;
    CHECK(changes.size() == (pairs ? 2 : 1));
    if (i > 1 && !pairs) CHECK(changes[0].axis >= list.changes(i - 1)[0].axis);
    const auto reading = list.open(i);
    REQUIRE(reading);
    CHECK(reading->words() == words[i]);
  }
  CHECK(pairs);
  // The same bytes give the same list.
  ReadingList again = folder.list();
  CHECK(all_words(again) == words);
}

TEST_CASE("readings that are equal are listed once", "[checkpoint][readings]") {
  Folder folder("llama");
  ReadingList list = folder.list();
  std::vector<Reading> readings;
  for (size_t i = 0; list.has(i); ++i) readings.push_back(must(list.open(i)));
  for (size_t i = 0; i < readings.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      CAPTURE(readings[i].words(), readings[k].words());
      CHECK_FALSE(
          (are_equal(readings[i], readings[k]) && are_heads_equal(readings[i], readings[k])));
    }
  }
  // The family's own norm weights are the declared reading.
  for (const std::string& words : all_words(list)) CHECK(words != "norm weights as w");
}

TEST_CASE("gate and up exchanged twice are the declared reading", "[checkpoint][readings]") {
  Folder folder("llama");
  ReadingList list = folder.list();
  const Reading declared = must(list.open(0));
  REQUIRE(list.has(1));
  const Reading exchanged = must(list.open(1));
  CHECK_FALSE(are_units_equal(declared, exchanged));
  CHECK(are_units_equal(declared, exchanged, true));
  CHECK(are_labels_equal(declared, exchanged));
}

TEST_CASE("heads whose rows come in other runs are other heads", "[checkpoint][readings]") {
  Folder folder("llama");
  ReadingList list = folder.list();
  const Reading declared = must(list.open(0));
  Anatomy anatomy = *declared.anatomy;
  REQUIRE_FALSE(anatomy.heads.layers.empty());
  Reading same = declared, other = declared;
  same.anatomy = std::make_shared<const Anatomy>(anatomy);
  anatomy.heads.layers.front().v.run = anatomy.heads.layers.front().value_size;
  other.anatomy = std::make_shared<const Anatomy>(anatomy);
  CHECK(are_heads_equal(declared, same));
  CHECK_FALSE(are_heads_equal(declared, other));
}

TEST_CASE("a model that cannot be read as declared keeps its place in the list",
          "[checkpoint][readings]") {
  Folder folder("llama");
  folder.scratch.put("model/config.json", "[]");
  ReadingList list = folder.list();
  CHECK_FALSE(list.declared());
  CHECK_FALSE(list.open(0));
  REQUIRE(list.has(1));
  CHECK(words_of(list.changes(1)) == "config.json ignored");
  CHECK(list.open(1));
  std::filesystem::remove(folder.scratch / "model/model.safetensors");
  ReadingList nothing = folder.list();
  CHECK_FALSE(nothing.declared());
  CHECK_FALSE(nothing.has(1));
}

}  // namespace wmk::checkpoint
