// Parts of a detection: any split of the blocks gives the answer of one process.
#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"
#include "verify/detect.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

const TinySizes kPartSizes = {.width = 64, .vocabulary = 500, .layers = 5, .units = 740, .seed = 9};

// A marked model whose list of readings is that of a suspect.
struct SplitModel {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner"), wrong_key = test_key("wrong");

  explicit SplitModel(const char* architecture = "llama") {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", architecture, kPartSizes);
    mark(open_model(scratch / "plain"), key, scratch / "marked", {.strength = 0.03, .shares = 2});
  }
  Detection read(const crypto::SecretBytes& master, embed::PartSums* sums,
                 ReadingScope scope = ReadingScope::usual) {
    checkpoint::ReadingList list({scratch / "marked"});
    DetectRequest request{.master = &master, .full = true};
    request.readings = scope;
    request.parts = sums;
    return must(detect(list, request));
  }
  embed::SumsByName part(const crypto::SecretBytes& master, unsigned part, unsigned parts) {
    embed::PartSums sums(part, parts);
    (void)read(master, &sums);
    CHECK(sums.faults().empty());
    return sums.own();
  }
  embed::PartSums merged(const crypto::SecretBytes& master, unsigned parts,
                         const std::function<void(embed::SumsByName&)>& edit = {}) {
    embed::PartSums out = embed::PartSums::merge_of(parts);
    for (unsigned i = parts; i > 0; --i) {
      embed::SumsByName sums = part(master, i, parts);
      if (edit && i == 1) edit(sums);
      must(out.add(sums));
    }
    return out;
  }
};

void check_equal(const Detection& a, const Detection& b) {
  CHECK(a.level == b.level);
  CHECK(a.z == b.z);
  CHECK(a.ln_p == b.ln_p);
  CHECK(a.length == b.length);
  CHECK(a.bytes_read == b.bytes_read);
  CHECK(a.weights_read == b.weights_read);
  CHECK(a.expected_z == b.expected_z);
  CHECK(a.reading_words == b.reading_words);
  CHECK((a.doubt ? a.doubt->text : "") == (b.doubt ? b.doubt->text : ""));
  REQUIRE(a.tried.size() == b.tried.size());
  for (size_t i = 0; i < a.tried.size(); ++i) {
    CAPTURE(i, a.tried[i].reading);
    CHECK(a.tried[i].z == b.tried[i].z);
    CHECK(a.tried[i].part == b.tried[i].part);
    CHECK(a.tried[i].fault == b.tried[i].fault);
    CHECK(a.tried[i].hypothesis.place == b.tried[i].hypothesis.place);
  }
  REQUIRE(a.sites.size() == b.sites.size());
  for (size_t i = 0; i < a.sites.size(); ++i) CHECK(a.sites[i].z == b.sites[i].z);
}

}  // namespace

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
