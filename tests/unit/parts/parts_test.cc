// Parts of a detection: any split of the blocks gives the answer of one process.
#include <catch2/catch.hpp>

#include "tests/unit/parts/split_model.h"

namespace wmk::verify {

TEST_CASE("the sums of any number of parts give the answer of one process", "[parts]") {
  SplitModel model;
  const Detection found = model.read(model.key, nullptr);
  const Detection nothing = model.read(model.wrong_key, nullptr);
  REQUIRE(report::is_yes(found.level));
  REQUIRE_FALSE(report::is_yes(nothing.level));
  for (const unsigned parts : {1u, 2u, 7u}) {  // the last two of seven have no FFN
    CAPTURE(parts);
    embed::PartSums sums = model.merged(model.key, parts);
    check_equal(model.read(model.key, &sums), found);
    CHECK(sums.scans_missed() == 0);
    sums = model.merged(model.wrong_key, parts);
    check_equal(model.read(model.wrong_key, &sums), nothing);
    CHECK(sums.scans_taken() > 10);
  }
}

TEST_CASE("parts of experts and of neurons without gates give the answer of one process",
          "[parts]") {
  for (const char* architecture : {"mixtral", "gpt2"}) {
    CAPTURE(architecture);
    SplitModel model(architecture);
    embed::PartSums sums = model.merged(model.key, 3);
    check_equal(model.read(model.key, &sums), model.read(model.key, nullptr));
    sums = model.merged(model.wrong_key, 3);
    check_equal(model.read(model.wrong_key, &sums), model.read(model.wrong_key, nullptr));
  }
}

TEST_CASE("a merge reads what a part does not have", "[parts]") {
  SplitModel model;
  embed::PartSums sums = model.merged(model.wrong_key, 2, [](embed::SumsByName& part) {
    std::erase_if(part, [i = 0](const auto&) mutable { return i++ % 2 == 0; });
  });
  check_equal(model.read(model.wrong_key, &sums), model.read(model.wrong_key, nullptr));
  CHECK(sums.scans_missed() > 5);
  CHECK(sums.scans_taken() > 5);
}

TEST_CASE("parts that do not cover each block once, or fit another model, give no answer",
          "[parts]") {
  SplitModel model;
  const auto fails = [&](const std::function<void(embed::ScanSum&)>& edit) {
    embed::PartSums sums = model.merged(model.key, 1, [&](embed::SumsByName& part) {
      for (auto& [name, sum] : part) edit(sum);
    });
    checkpoint::ReadingList list({model.scratch / "marked"});
    DetectRequest request{.master = &model.key, .full = true};
    request.parts = &sums;
    const auto found = detect(list, request);
    REQUIRE_FALSE(found);
    return found.error().message();
  };
  CHECK(fails([](embed::ScanSum& sum) { ++sum.blocks; }).find("the parts cover 6 of 5 blocks") !=
        std::string::npos);
  CHECK(fails([](embed::ScanSum& sum) { --sum.blocks; }).find("the parts cover 4 of 5 blocks") !=
        std::string::npos);
  const std::string size = "its sums are of another size";
  CHECK(fails([](embed::ScanSum& sum) {
          if (sum.plain) sum.plain->entries.pop_back();
        }).find(size) != std::string::npos);
  CHECK(fails([](embed::ScanSum& sum) {
          if (sum.plain) sum.plain->energies.push_back(0);
        }).find(size) != std::string::npos);
  CHECK(fails([](embed::ScanSum& sum) { sum.plain.reset(); }).find(size) != std::string::npos);
}

TEST_CASE("sums of two parts that differ in size, or overflow, are refused", "[parts]") {
  embed::PartSums sums = embed::PartSums::merge_of(2);
  const auto part = [](std::vector<int64_t> entries) {
    embed::ScanSum sum{.blocks = 1, .plain = embed::SketchSum{std::move(entries), {1}, {}}};
    return embed::SumsByName{{"scan", sum}};
  };
  must(sums.add(part({1, 2, 3})));
  CHECK_FALSE(sums.add(part({1, 2})));
  embed::PartSums large = embed::PartSums::merge_of(2);
  must(large.add(part({embed::kSumMax})));
  CHECK_FALSE(large.add(part({embed::kSumMax})));
}

}  // namespace wmk::verify
