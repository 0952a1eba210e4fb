// Detection: early stop, shares, levels; each also with a wrong key.
#include "verify/detect.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using report::Level;

// 2.3 million weights in 48 small blocks: eps 0.03 shows z near 40.
const TinySizes kDetectSizes = {
    .width = 64, .vocabulary = 500, .layers = 16, .units = 740, .seed = 3, .words = true};
constexpr uint64_t kSmallBlocks = 1;

struct Owner {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  crypto::SecretBytes wrong_key = test_key("wrong");
  std::optional<MarkableModel> plain, marked;

  explicit Owner(const Marking& marking) {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kDetectSizes);
    plain = open_model(scratch / "plain");
    mark(*plain, key, scratch / "marked", marking);
    marked = open_model(scratch / "marked");
  }
  Detection read(DetectRequest request = {}) const {
    request.block_bytes = kSmallBlocks;
    return detect(*marked, key, request);
  }
  // The marked model read with a wrong key, and the unmarked one with the right key.
  void check_null(DetectRequest request = {}) const {
    request.block_bytes = kSmallBlocks;
    for (const Detection& found :
         {detect(*marked, wrong_key, request), detect(*plain, key, request)}) {
      CHECK(found.level == Level::undecided);  // a mark of 0.4 % would not show in this small model
      CHECK(found.z < 4.5);
      CHECK(found.ln_p > std::log(1e-3));
    }
  }
};

}  // namespace

TEST_CASE("a strong mark is conclusive after a part of the weights, and after all of them",
          "[verify][detect]") {
  const Owner owner({.strength = 0.03});
  const Detection early = owner.read();
  CHECK(early.level == Level::conclusive);
  CHECK(early.weights_read < early.weights_total / 2);
  CHECK(early.bytes_read == 2 * early.weights_read);
  CHECK(early.price == 448);
  CHECK(early.tried.size() == 1);
  CHECK(early.is_bound);
  CHECK(early.shares.size() == 1);  // share 0 was conclusive

  const Detection full = owner.read({.full = true});
  CHECK(full.level == Level::conclusive);
  CHECK(full.weights_read == full.weights_total);
  CHECK(full.weights_total == owner.marked->anatomy.weight_count());
  CHECK(full.price == 448);
  CHECK(full.z > early.z);
  owner.check_null();
  owner.check_null({.full = true});
}

TEST_CASE("early stop and the full reading agree on a weaker mark", "[verify][detect]") {
  const Owner owner({.strength = 0.008});  // z near 11
  for (const DetectRequest& request : {DetectRequest{}, DetectRequest{.shares = 1}}) {
    const Detection early = owner.read(request);
    DetectRequest all = request;
    all.full = true;
    const Detection full = owner.read(all);
    CHECK(early.level == Level::detected);
    CHECK(full.level == Level::detected);
    CHECK(early.weights_read == early.weights_total);
    CHECK(full.ln_p == early.ln_p);  // prices do not depend on what was read
  }
}

TEST_CASE("shares add up, however many are known", "[verify][detect]") {
  const Owner owner({.strength = 0.03, .shares = 3});  // each near 20
  const double whole = must(embed::plan_mark(owner.plain->anatomy, 0.03, 3)).expected_z(3);
  const Detection known = owner.read({.shares = 3, .full = true});
  CHECK(known.price == 112);
  REQUIRE(known.shares.size() == 3);
  CHECK(known.z == Approx(whole).epsilon(0.15));
  for (const ShareZ& share : known.shares) CHECK(share.z == Approx(whole / std::sqrt(3)).margin(4));
  for (unsigned i = 0; i < 4; ++i) {
    const Detection single = owner.read({.share = i, .full = true});
    REQUIRE(single.shares.size() == 1);
    CHECK(single.shares[0].share == i);
    CHECK(single.z == single.shares[0].z);
    if (i < 3) {
      CHECK(single.z ==
            Approx(known.shares[i].z).margin(0.5));  // the other tag rule may give the larger z
      CHECK(report::is_yes(single.level));
    } else {
      CHECK(single.z < 4.5);
    }
  }
  const Detection blind = owner.read();
  CHECK(blind.level == Level::conclusive);
  owner.check_null({.shares = 3});
  owner.check_null({.share = 1});
}

TEST_CASE("if share 0 is not conclusive, the others are read", "[verify][detect]") {
  const Owner owner({.strength = 0.014, .shares = 3});  // each near 11, together near 19
  const Detection found = owner.read({.full = true});
  CHECK(found.level == Level::conclusive);
  REQUIRE(found.shares.size() == 4);
  for (unsigned i = 0; i < 3; ++i) {
    CHECK(found.shares[i].share == i);
    CHECK(found.shares[i].z > 7);
    CHECK(found.z > found.shares[i].z);
  }
  CHECK(std::abs(found.shares[3].z) < 4.5);
  // The bytes of both scans are reported.
  CHECK(found.bytes_read == 2 * 2 * found.weights_total);
  owner.check_null();
}

TEST_CASE("z by layer shows which layers carry the mark", "[verify][detect]") {
  const Owner owner({.strength = 0.03});
  const Detection found = owner.read({.shares = 1, .full = true, .by_layer = true});
  REQUIRE(found.groups.size() == kDetectSizes.layers);
  double squares = 0;
  for (size_t layer = 0; layer < found.groups.size(); ++layer) {
    CHECK(found.groups[layer].layer == layer);
    CHECK(found.groups[layer].weights == found.weights_total / kDetectSizes.layers);
    CHECK(found.groups[layer].z > 4);
    squares += found.groups[layer].z * found.groups[layer].z;
  }
  // z is at most the root of the number of carrier signs, here 54, and saturates near it. The parts
  // are far below that, so their sum shows what z would be without saturation.
  const double straight = embed::kYield * 0.03 * std::sqrt(found.weights_total);
  CHECK(std::sqrt(squares) == Approx(straight).epsilon(0.1));
  CHECK(std::sqrt(squares) > found.z);
}

TEST_CASE("a missing mark that should have shown is not found", "[verify][detect]") {
  // The record gives an expected z of 42, so half of the mark would have shown 21.
  const Owner owner({.strength = 0.03});
  const auto record = must(embed::read_record(test::record_of(owner.scratch / "marked")));
  const DetectRequest request{.record = &record};
  CHECK(owner.read(request).level == Level::conclusive);
  const Detection plain = detect(*owner.plain, owner.key, request);
  CHECK(plain.level == Level::not_found);
  CHECK_FALSE(plain.doubt);
  CHECK(plain.weights_read == plain.weights_total);  // though the best z may be an earlier one
  CHECK_FALSE(plain.is_bound);
  const auto plan = must(embed::plan_mark(owner.plain->anatomy, 0.03, record.shares));
  CHECK(plain.expected_z_full == Approx(plan.expected_z(record.shares)).epsilon(0.1));
  // The release itself shows what the record promises of it, and blind the formula is used.
  const Detection untouched = owner.read({.record = &record, .full = true});
  CHECK(untouched.expected_z == Approx(untouched.z).epsilon(0.05));
  CHECK(owner.read({.shares = 1, .full = true}).is_bound);
  auto half = record;
  half.read_back.total /= 2;
  half.read_back.z = {half.read_back.total};
  CHECK(detect(*owner.plain, owner.key, {.record = &half}).expected_z_full <
        0.55 * plain.expected_z_full);
  half.read_back = {half.weights, {14}, 14, 1};  // half of it is too little for a no
  CHECK(detect(*owner.plain, owner.key, {.record = &half}).doubt.value().kind == DoubtKind::weak);
  CHECK(plain.expected_z == plain.expected_z_full);
}

}  // namespace wmk::verify
