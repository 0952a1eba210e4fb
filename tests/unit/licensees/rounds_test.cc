// Licensees are named round by round, each beside those who were named before.
#include "verify/licensees/rounds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "base/text.h"
#include "embed/licensees/beside.h"
#include "embed/output/output_signs.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"
#include "tests/support/marking.h"

namespace wmk::verify {
namespace {

using embed::CodeSite;

std::vector<std::string> some_ids(size_t count) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(cat("licensee ", i));
  return ids;
}

// The host's part of the sums: numbers of both signs, of very different sizes.
std::vector<double> host_sums(unsigned seed, double scale) {
  std::mt19937_64 random(seed);
  std::vector<double> out(embed::kCodeBits);
  for (double& value : out) {
    const double uniform = static_cast<double>(random() >> 11) / 0x1p53 - 0.5;
    value = scale * 21.2 * uniform * uniform * uniform;  // of deviation `scale`
  }
  return out;
}

struct Mixed {
  crypto::SecretBytes trace = embed::trace_key(test::test_key("owner"));
  embed::CodeSums sums;

  void add(CodeSite site, size_t licensee, double amplitude) {
    const std::string id = cat("licensee ", licensee);
    auto& to = site == CodeSite::ffn ? sums.ffn.front() : sums.output.front();
    const auto code =
        site == CodeSite::ffn ? embed::licensee_code(trace, id) : embed::output_code(trace, id);
    for (size_t l = 0; l < to.size(); ++l) to[l] += amplitude * code[l];
  }
  Rounds name(const std::vector<Statistic>& statistics, const std::vector<std::string>& ids,
              unsigned threads = 2, std::optional<size_t> listed_min = {}) const {
    return name_licensees(sums, statistics,
                          {.trace = &trace,
                           .licensees = ids,
                           .alpha = 1e-9,
                           .threads = threads,
                           .listed_min = listed_min.value_or(ids.size())});
  }
};

// As the FFN of a copy with the release subtracted: 40 licensees, one with a small part, little
// of the host.
Mixed forty() {
  Mixed out;
  out.sums.ffn.push_back(host_sums(1, 0.1));
  for (size_t i = 0; i < 40; ++i) out.add(CodeSite::ffn, 10 * i, 1);
  out.add(CodeSite::ffn, 7, 0.4);
  return out;
}

double squares_of_unnamed(const Rounds& found) {
  double squares = 0;
  for (size_t i = found.named; i < found.best.size(); ++i) {
    squares += found.best[i].z * found.best[i].z;
  }
  return squares / static_cast<double>(found.best.size() - found.named);
}

}  // namespace

TEST_CASE("what is left beside codes is orthogonal to them", "[embed][licensees]") {
  const auto trace = embed::trace_key(test::test_key("owner"));
  for (const CodeSite site : {CodeSite::ffn, CodeSite::output}) {
    const auto before = host_sums(3, 1);
    std::vector<std::vector<double>> once = {before}, twice = {before};
    std::vector<std::string> ids = some_ids(30);
    embed::subtract_codes(trace, site, ids, once);
    const bool is_ffn = site == CodeSite::ffn;
    const auto z = embed::code_scores(
        trace, ids, is_ffn ? embed::CodeSums{once, {}} : embed::CodeSums{{}, once}, 1);
    for (const double each : is_ffn ? z.ffn[0] : z.output[0]) CHECK(std::abs(each) < 1e-9);
    // An id that is listed twice spans nothing new.
    ids.push_back("licensee 4");
    embed::subtract_codes(trace, site, ids, twice);
    CHECK(twice == once);
    double squares = 0, change = 0;
    for (size_t l = 0; l < before.size(); ++l) {
      squares += before[l] * before[l];
      change += (before[l] - once[0][l]) * (before[l] - once[0][l]);
    }
    // Thirty of 4096 directions of something that knows no code.
    CHECK(change / squares < 3 * 30.0 / embed::kCodeBits);
    CHECK(change > 0);
  }
}

TEST_CASE("a licensee who is hidden by others is named beside them, at the round's price",
          "[verify][licensees]") {
  const Mixed mixed = forty();
  const auto ids = some_ids(2000);
  const Statistic alone{.ffn = 0, .price = embed::trace_price(1, ids.size())};
  const Rounds found = mixed.name({alone}, ids);
  CHECK(found.named == 41);
  CHECK(found.rounds >= 3);  // the last one names nobody
  for (size_t i = 0; i < found.named; ++i) {
    const LicenseeZ& one = found.best[i];
    INFO(one.id);
    CHECK((one.id == "licensee 7" || one.id.ends_with("0")));
    CHECK(report::is_yes(one.level));
    if (one.id == "licensee 7") CHECK(one.round >= 2);
    const double price = embed::trace_price(1, ids.size(), one.round);
    CHECK(one.price == Approx(price));
    CHECK(one.ln_p == Approx(std::log(price) - one.z * one.z / 2));
  }
  CHECK(found.best[found.named].z < 5);
  // In one round alone, it is hidden.
  const double z = embed::code_scores(mixed.trace, ids, mixed.sums, 1).ffn[0][7];
  CHECK(embed::trace_price(1, ids.size()) * std::exp(-z * z / 2) > 1e-9);

  Mixed wrong = forty();
  wrong.trace = embed::trace_key(test::test_key("wrong"));
  const Rounds nobody = wrong.name({alone}, ids);
  CHECK(nobody.named == 0);
  CHECK(nobody.rounds == 1);
  CHECK(nobody.best.front().z < 5);
}

TEST_CASE("of a long list, ids that nobody named can hide are not scored again",
          "[verify][licensees]") {
  const auto ids = some_ids(100'200);
  const Statistic alone{.ffn = 0, .price = embed::trace_price(1, ids.size())};
  Mixed leak;
  leak.sums.ffn.push_back(host_sums(2, 1));
  leak.add(CodeSite::ffn, 5, 0.45);
  const Rounds one = leak.name({alone}, ids, 2, kTraceListMin);
  CHECK(one.named == 1);
  CHECK(one.rounds == 2);
  // One in 370 has |z| of 3 or more.
  CHECK(one.scored_last > ids.size() / 500);
  CHECK(one.scored_last < ids.size() / 250);
  CHECK(one.best.size() == kTraceListMin);
  // A list of more of them is that of everybody's scores.
  CHECK(leak.name({alone}, ids, 2, ids.size()).best.size() == ids.size());

  // Beside forty who are nearly all of the sums, anybody may be hidden.
  const Rounds all = forty().name({alone}, ids, 2, kTraceListMin);
  CHECK(all.named == 41);
  CHECK(all.scored_last == ids.size());
}

TEST_CASE("a licensee below any z of the first round is named beside the others",
          "[verify][licensees]") {
  const auto ids = some_ids(100'200);
  const Statistic alone{.ffn = 0, .price = embed::trace_price(1, ids.size())};
  Mixed mixed;
  mixed.sums.ffn.push_back(host_sums(4, 0.001));
  mixed.add(CodeSite::ffn, 3, 1);
  mixed.add(CodeSite::ffn, 44, 0.01);
  CHECK(std::abs(embed::code_scores(mixed.trace, ids, mixed.sums, 1).ffn[0][44]) < 2);
  const Rounds found = mixed.name({alone}, ids, 2, kTraceListMin);
  REQUIRE(found.named == 2);
  CHECK((found.best[1].id == "licensee 44" || found.best[0].id == "licensee 44"));
}

TEST_CASE("z of innocent licensees has deviation 1 in every statistic and round",
          "[verify][licensees]") {
  const auto ids = some_ids(4000);
  const double price = embed::trace_price(1, ids.size());
  Mixed blind;
  blind.sums.ffn.push_back(host_sums(5, 1));
  blind.sums.output.push_back(host_sums(6, 3));
  const Statistic ffn{.ffn = 0, .price = price}, output{.output = 0, .price = 5 * price};
  const Statistic both = both_sites(0, 0, 30, 24, 5 * price);
  for (const bool is_marked : {false, true}) {
    if (is_marked) {
      for (size_t i = 0; i < 3; ++i) blind.add(CodeSite::ffn, i, 0.2);
      blind.add(CodeSite::output, 1, 1);
    }
    for (const Statistic& each : {ffn, output, both}) {
      Statistic shown = each;
      shown.shows_nobody = true;
      const Rounds found = blind.name({shown}, ids);
      INFO(is_marked << " " << found.named << " named in " << found.rounds);
      CHECK((found.named > 0) == is_marked);
      CHECK(found.rounds == (is_marked ? 2 : 1));
      // The deviation of 4000 values has an error of 1.1 %.
      CHECK(std::sqrt(squares_of_unnamed(found)) == Approx(1).margin(0.05));
      for (size_t i = found.named; i < found.best.size(); ++i) {
        CHECK(std::abs(found.best[i].z) < 5.5);
      }
    }
  }
}

TEST_CASE("FFN and output head together name whom neither names alone", "[verify][licensees]") {
  const auto ids = some_ids(1000);
  const double price = embed::trace_price(1, ids.size());
  Mixed mixed;
  mixed.sums.ffn.push_back(host_sums(8, 1));
  mixed.sums.output.push_back(host_sums(9, 1));
  for (size_t i = 0; i < 3; ++i) mixed.add(CodeSite::ffn, i, 7.0 / 64);
  for (size_t i = 0; i < 3; ++i) mixed.add(CodeSite::output, i, 7.0 / 64);
  const Statistic ffn{.ffn = 0, .price = price};
  const Statistic output{.output = 0, .price = 5 * price, .shows_nobody = false};
  // Equal weights: an untouched copy would show three times as much in the output head.
  const Statistic both = both_sites(0, 0, 10, 30, 5 * price);
  CHECK(both.ffn_part == Approx(std::sqrt(0.5)));
  CHECK(mixed.name({ffn, output}, ids).named < 3);
  const Rounds found = mixed.name({ffn, output, both}, ids);
  CHECK(found.named == 3);
  for (size_t i = 0; i < found.named; ++i) {
    const LicenseeZ& one = found.best[i];
    if (!one.z_ffn || !one.z_output) continue;
    CHECK(one.z == Approx((*one.z_ffn + *one.z_output) / std::sqrt(2.0)));
  }
  CHECK(found.statistic == 2);
}

TEST_CASE("any number of threads names the same licensees with the same z", "[verify][licensees]") {
  const Mixed mixed = forty();
  const auto ids = some_ids(1500);
  const Statistic alone{.ffn = 0, .price = embed::trace_price(1, ids.size())};
  const Rounds one = mixed.name({alone}, ids, 1), three = mixed.name({alone}, ids, 3);
  REQUIRE(one.best.size() == three.best.size());
  for (size_t i = 0; i < one.best.size(); ++i) {
    CHECK(one.best[i].id == three.best[i].id);
    CHECK(one.best[i].z == three.best[i].z);
    CHECK(one.best[i].round == three.best[i].round);
  }
}

}  // namespace wmk::verify
