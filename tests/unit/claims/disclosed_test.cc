// Detection by one disclosed share, without the master key.
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"
#include "verify/detect.h"

namespace wmk::verify {
namespace {

using namespace test;

struct DisclosedRelease {
  DisclosedRelease() : key(test_key("owner")) {
    std::filesystem::create_directories(scratch / "model");
    write_tiny_model(scratch / "model", "llama", {.width = 64, .vocabulary = 400, .units = 400});
    const MarkableModel plain = open_model(scratch / "model");
    mark(plain, key, scratch / "marked", {.shares = 2});
  }
  embed::DisclosedShare disclosed(unsigned share, unsigned shares = 2) const {
    return {share, embed::share_key(key, share), 0.03, shares};
  }
  Detection read(const char* name, const DetectRequest& request) const {
    const MarkableModel model = open_model(scratch / name);
    return must(detect(model.checkpoint, model.anatomy, model.vocabulary, request));
  }

  Scratch scratch;
  crypto::SecretBytes key;
};

}  // namespace

TEST_CASE("a disclosed share shows what the master key shows of it", "[claims][verify]") {
  const DisclosedRelease release;
  for (const embed::Sites sites : {embed::Sites{{true, true, false}}, kHeadAlone}) {
    for (const unsigned share : {0u, 1u}) {
      const auto disclosed = release.disclosed(share);
      const Detection by_share = release.read(
          "marked", {.disclosed = &disclosed, .share = share, .full = true, .sites = sites});
      const Detection by_key = release.read(
          "marked", {.master = &release.key, .share = share, .full = true, .sites = sites});
      CHECK(by_share.z == Approx(by_key.z).margin(1e-4));
      CHECK(by_share.shares.size() == 1);
      // Whoever discloses may have chosen the share that shows most: that is paid for.
      CHECK(by_share.price == 4 * by_key.price);
    }
  }
  const auto only = release.disclosed(0, 1);
  const auto one = release.read("marked", {.disclosed = &only, .share = 0u, .full = true});
  CHECK(one.price == release.read("marked", {.master = &release.key, .shares = 1}).price);
}

TEST_CASE("a disclosed share finds nothing in an unmarked model", "[claims][verify]") {
  const DisclosedRelease release;
  const auto disclosed = release.disclosed(0);
  const auto marked = release.read("marked", {.disclosed = &disclosed, .share = 0u});
  const auto plain = release.read("model", {.disclosed = &disclosed, .share = 0u});
  CHECK(marked.z > 4);
  CHECK(plain.z < 4);
}

TEST_CASE("of a disclosed share only that share can be read", "[claims][verify][bad-input]") {
  const DisclosedRelease release;
  const auto disclosed = release.disclosed(1);
  const MarkableModel model = open_model(release.scratch / "marked");
  const auto ask = [&](const DetectRequest& request) {
    return detect(model.checkpoint, model.anatomy, model.vocabulary, request).has_value();
  };
  CHECK(ask({.disclosed = &disclosed, .share = 1u}));
  CHECK_FALSE(ask({.disclosed = &disclosed, .share = 0u}));
  CHECK_FALSE(ask({.disclosed = &disclosed}));
  const auto record = must(embed::read_record(record_of(release.scratch / "marked")));
  CHECK_FALSE(ask({.disclosed = &disclosed, .record = &record, .share = 1u}));
}

}  // namespace wmk::verify
