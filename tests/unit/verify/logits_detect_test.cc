// Detection and tracing in logits: the list of readings, prices, and what is said.
#include "verify/logits/logits_detect.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

constexpr size_t kTokens = 2000, kWidth = 24, kTexts = 40, kPairs = 8;

std::vector<std::string> some_labels() {
  std::vector<std::string> out;
  for (size_t t = 0; t < kTokens; ++t) out.push_back(cat("token", t));
  return out;
}

// Logits of a head that shares 0 and 1 of `master` have marked.
struct LogitsFixture {
  Scratch scratch;
  crypto::SecretBytes master = test_key("owner");
  std::vector<std::string> labels = some_labels();
  std::vector<float> logits;

  LogitsFixture() {
    std::vector<crypto::SecretBytes> keys;
    for (unsigned i = 0; i < 2; ++i) keys.push_back(embed::share_key(master, i));
    const auto head = marked_head(keys, labels, normal_numbers(5, kTokens * kWidth), kPairs, 0.1);
    logits = product_of(normal_numbers(7, kTexts * kWidth), transposed(head, kTokens, kWidth),
                        kTexts, kWidth, kTokens);
  }
  LogitsDetection detect(const std::vector<float>& values, const LogitsRequest& request) const {
    const auto file = scratch.put("x.npy", npy_of(values, kTexts));
    return must(detect_in_logits(must(embed::Logits::open({file})), labels, request));
  }
};

}  // namespace

TEST_CASE("a mark in logits is conclusive under the condition of its collection",
          "[verify][logits]") {
  const LogitsFixture f;
  const auto found = f.detect(f.logits, {.master = &f.master});
  CHECK(found.level == report::Level::conclusive);
  CHECK(found.best.pairs == kPairs);
  CHECK(found.best.shares == 2);
  CHECK(found.best.rank == kWidth);
  CHECK(found.rows == kTexts);
  // Place 1, every number of pairs and of shares.
  CHECK(found.best.price == 5 * embed::price_of(1, false));
  CHECK(found.tried.size() == 1);
  CHECK(found.claim.word() == "conditional");
  REQUIRE(found.claim.conditions.size() == 2);
  CHECK(to_string(found.claim.conditions[1]) == "logits_collected_independently");

  const auto other = test_key("other");
  const auto none = f.detect(f.logits, {.master = &other});
  CHECK(none.level == report::Level::undecided);
  CHECK(std::abs(none.best.z) < 5);
}

TEST_CASE("a disclosed share is read in logits", "[verify][logits]") {
  const LogitsFixture f;
  for (const unsigned share : {0u, 1u, 2u}) {
    const embed::DisclosedShare disclosed{share, embed::share_key(f.master, share), 0.1, 2};
    const auto found = f.detect(f.logits, {.disclosed = &disclosed});
    CHECK(report::is_yes(found.level) == (share < 2));
    CHECK(found.best.shares == 1);
    // The luckiest of several shares may have been disclosed.
    CHECK(found.tried.front().price == 5 * embed::price_of(1, false));
  }
  const embed::DisclosedShare alone{0, embed::share_key(f.master, 0), 0.1, 1};
  CHECK(f.detect(f.logits, {.disclosed = &alone}).tried.front().price ==
        5 * embed::price_of(1, true));
}

TEST_CASE("a record tells the number of pairs and of shares in logits", "[verify][logits]") {
  const LogitsFixture f;
  embed::MarkRecord record;
  record.shares = 2;
  record.output_pairs = kPairs;
  const auto found = f.detect(f.logits, {.master = &f.master, .record = &record});
  CHECK(found.best.price == embed::price_of(1, true));
  CHECK(found.best.shares == 2);
}

TEST_CASE("every reading of logits has its place, and a rank by hand one of its own",
          "[verify][logits]") {
  const LogitsFixture f;
  const auto other = test_key("other");
  const auto plain = f.detect(f.logits, {.master = &other, .softcap = 4});
  // Logits beyond a cap of 4 were not capped there.
  REQUIRE(plain.tried.size() == 4);
  CHECK(plain.tried[0].place == 1);
  CHECK(plain.tried[1].place == 3);
  CHECK(plain.tried[1].reading == "softcap 4 undone");
  CHECK(plain.tried[1].fault.find("beyond 4.0") != std::string::npos);
  CHECK(plain.tried[2].place == 5);
  CHECK(plain.tried[2].reading == "columns centred");
  CHECK(plain.tried[2].price == 5 * embed::price_of(5, false));
  CHECK(plain.tried[3].place == 7);

  std::vector<float> capped = f.logits;
  for (float& each : capped) each = 60 * std::tanh(each / 60);
  const auto ranked = f.detect(capped, {.master = &other, .rank = 12, .softcap = 60});
  REQUIRE(ranked.tried.size() == 8);
  CHECK(ranked.tried[3].reading == "softcap 60 undone, rank 12");
  CHECK(ranked.tried[3].place == 4);
  CHECK(ranked.tried[3].rank == 12);
}

TEST_CASE("requests that logits cannot answer are refused", "[verify][logits]") {
  const LogitsFixture f;
  const auto refused = [&](LogitsRequest request) {
    request.master = &f.master;
    CHECK_THROWS_WITH(f.detect(f.logits, request), Catch::Contains("shares") ||
                                                       Catch::Contains("rank") ||
                                                       Catch::Contains("alpha"));
  };
  refused({.shares = 0});
  refused({.shares = 9});
  refused({.rank = 0});
  refused({.alpha = 2});
  refused({.alpha = std::nan("")});
}

TEST_CASE("the softcap is that of the config, also of a part for texts", "[verify][logits]") {
  Scratch scratch;
  CHECK_FALSE(softcap_of(scratch.folder()));
  scratch.put("config.json", "{\"final_logit_softcapping\": 25.0}");
  CHECK(softcap_of(scratch.folder()) == 25);
  scratch.put("config.json", "{\"text_config\": {\"final_logit_softcapping\": 20}}");
  CHECK(softcap_of(scratch.folder()) == 20);
  scratch.put("config.json", "{\"final_logit_softcapping\": null}");
  CHECK_FALSE(softcap_of(scratch.folder()));
}

namespace {

// The head of a licensee's copy.
std::vector<float> head_of(const HeadFile& file, const crypto::SecretBytes& master,
                           const std::string& id, const std::filesystem::path& out) {
  const auto trace = embed::trace_key(master);
  const size_t pairs = embed::output_pairs(kTokens, kWidth, 1);
  std::vector<embed::OutputMark> marks;
  marks.push_back(
      {embed::licensee_output_signs(trace, id, some_labels(), 1),
       embed::output_directions(embed::licensee_directions_key(trace, id), pairs, kWidth)});
  auto copy = must(checkpoint::CheckpointCopy::begin(file.checkpoint, out, false));
  const auto rounding = embed::licensee_rounding_key(trace, id);
  (void)must(embed::write_output(
      file.checkpoint, marks,
      {.head = file.head, .pairs = pairs, .energy = 0.01, .rounding_key = rounding}, copy));
  return values_of(must(copy.open_written()), 0);
}

checkpoint::Anatomy tied_head(const HeadFile& file) {
  checkpoint::Anatomy anatomy;
  anatomy.token_embedding = file.head.tensor;
  anatomy.width = kWidth;
  anatomy.vocabulary = kTokens;
  anatomy.roles.resize(file.checkpoint.tensors().size());
  return anatomy;
}

}  // namespace

TEST_CASE("logits name the licensee whose copy gave them, and no other of 10,000 ids",
          "[verify][logits]") {
  Scratch scratch;
  const auto master = test_key("owner");
  const auto labels = some_labels();
  const auto values = normal_numbers(5, kTokens * kWidth);
  const HeadFile file = head_file(scratch / "head.safetensors", values, kTokens);
  const size_t pairs = embed::output_pairs(kTokens, kWidth, 1);
  const auto head = head_of(file, master, "id77", scratch / "out.safetensors");
  const auto logits = product_of(normal_numbers(7, kTexts * kWidth),
                                 transposed(head, kTokens, kWidth), kTexts, kWidth, kTokens);
  const auto opened = must(embed::Logits::open({scratch.put("x.npy", npy_of(logits, kTexts))}));
  std::vector<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.push_back(cat("id", i));
  const auto found = must(trace_in_logits(opened, labels, ids, std::nullopt,
                                          {.master = &master, .listed_min = ids.size()}));
  CHECK(found.pairs == pairs);
  CHECK(found.rank == kWidth);
  REQUIRE(found.found.best.size() == ids.size());
  CHECK(found.found.best[0].id == "id77");
  CHECK(found.found.best[0].z > 10);
  CHECK(found.found.best[1].z < 5);
  CHECK(found.found.best.back().z > -5);
  CHECK(found.price == embed::trace_price(1, ids.size()));
  CHECK(report::is_yes(found.level));
  const auto ranked =
      must(trace_in_logits(opened, labels, ids, std::nullopt, {.master = &master, .rank = kWidth}));
  CHECK(ranked.price == embed::trace_price(2, ids.size()));
  CHECK(ranked.found.best[0].z == found.found.best[0].z);
  CHECK(found.claim.conditions.size() == 2);

  // The unmarked head is the release: what both have in common cancels.
  const auto anatomy = tied_head(file);
  const auto subtracted = must(trace_in_logits(
      opened, labels, ids, LogitsBase{&file.checkpoint, &anatomy, labels}, {.master = &master}));
  CHECK(subtracted.found.best[0].id == "id77");
  CHECK(subtracted.found.best[0].z > found.found.best[0].z + 5);
  CHECK(subtracted.found.best[1].z < 5);
  CHECK(subtracted.claim.conditions.back() == Condition::base_independent_of_suspect);
}

TEST_CASE("logits name a licensee who is hidden beside another", "[verify][logits]") {
  Scratch scratch;
  const auto master = test_key("owner");
  const auto labels = some_labels();
  const auto values = normal_numbers(5, kTokens * kWidth);
  const HeadFile file = head_file(scratch / "head.safetensors", values, kTokens);
  auto mixed = head_of(file, master, "id77", scratch / "77.safetensors");
  const auto other = head_of(file, master, "id501", scratch / "501.safetensors");
  for (size_t i = 0; i < mixed.size(); ++i) mixed[i] += 0.74f * (other[i] - values[i]);
  const auto logits = product_of(normal_numbers(7, kTexts * kWidth),
                                 transposed(mixed, kTokens, kWidth), kTexts, kWidth, kTokens);
  const auto opened = must(embed::Logits::open({scratch.put("x.npy", npy_of(logits, kTexts))}));
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(cat("id", i));
  const auto anatomy = tied_head(file);
  const auto found = must(trace_in_logits(
      opened, labels, ids, LogitsBase{&file.checkpoint, &anatomy, labels}, {.master = &master}));
  REQUIRE(found.found.named == 2);
  CHECK(found.found.rounds == 3);
  std::vector<std::string> named = {found.found.best[0].id, found.found.best[1].id};
  std::sort(named.begin(), named.end());
  CHECK(named == std::vector<std::string>{"id501", "id77"});
  for (size_t i = 0; i < 2; ++i) {
    const LicenseeZ& one = found.found.best[i];
    CHECK(one.round == (one.id == "id77" ? 1 : 2));
    CHECK(one.price == embed::trace_price(1, ids.size(), one.round));
  }
  CHECK(found.found.best[2].z < 5);
}

}  // namespace wmk::verify
