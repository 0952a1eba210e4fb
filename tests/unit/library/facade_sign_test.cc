// The facade on signatures: sign and verify with keys in files.
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::Case;
using test::value;

std::string oms_key(std::string_view name) {
  return (std::filesystem::path(WMK_SOURCE_DIR) / "tests" / "vectors" / "oms" / name).string();
}

bool has(const Verification& found, std::string_view code) {
  for (const Reason& each : found.reasons) {
    if (each.code == code) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a signed model verifies with its key, and with no other", "[library]") {
  Case test;
  const std::string model = test.path("model"), bundle = test.path("model.sig");
  const Signed made = value(sign(model, oms_key("p256.key.pem"), bundle));
  CHECK(made.curve == "P-256");
  CHECK(made.covered_files > 1);
  CHECK(made.uncovered.empty());
  const Verification good = value(verify(model, bundle, oms_key("p256.pub.pem")));
  CHECK(good.is_yes());
  CHECK(good.signature_holds);
  CHECK(good.key == made.key);
  CHECK(good.root == made.root);
  CHECK(good.covered_files == made.covered_files);
  CHECK(good.covered_bytes == made.covered_bytes);
  const Verification other = value(verify(model, bundle, oms_key("p384.pub.pem")));
  CHECK_FALSE(other.is_yes());
  CHECK_FALSE(other.signature_holds);
  CHECK_FALSE(other.reasons.empty());
}

TEST_CASE("changed, added and missing files are reasons of a no", "[library]") {
  Case test;
  const std::string model = test.path("model"), bundle = test.path("model.sig");
  static_cast<void>(value(sign(model, oms_key("p256.key.pem"), bundle)));
  const auto check = [&](const VerifyOptions& options = {}) {
    return value(verify(model, bundle, oms_key("p256.pub.pem"), options));
  };
  test.scratch.put("model/more.txt", "more");
  CHECK(has(check(), "file_extra"));
  CHECK(check({.ignore_unsigned_files = true}).is_yes());
  CHECK(check({.ignore_paths = {"more.txt"}}).is_yes());
  std::filesystem::remove(test.path("model/more.txt"));
  test.scratch.put("model/config.json", "{}");
  CHECK(has(check(), "file_differs"));
  CHECK(check().signature_holds);
  std::filesystem::remove(test.path("model/config.json"));
  CHECK(has(check(), "file_missing"));
}

TEST_CASE("signing replaces bundles alone, and stops without leaving one", "[library]") {
  Case test;
  const std::string model = test.path("model"), bundle = test.path("model.sig");
  const std::string key = oms_key("p256.key.pem");
  const Run stop{.threads = 2, .progress = [](const Progress&) { return false; }};
  CHECK(sign(model, key, bundle, {}, stop).error().kind == ErrorKind::cancelled);
  CHECK(test.scratch.count() == 1);  // the model
  static_cast<void>(value(sign(model, key, bundle)));
  CHECK_FALSE(sign(model, key, bundle));
  CHECK(sign(model, key, bundle, {.replace = true}));
  const std::string words = test.scratch.put("words", "not a bundle").string();
  const auto refused = sign(model, key, words, {.replace = true});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid_argument);
  CHECK(wmk::test::content_of(words) == "not a bundle");
  CHECK(verify(model, bundle, oms_key("p256.pub.pem"), {}, stop).error().kind ==
        ErrorKind::cancelled);
  CHECK(verify(model, test.path("none"), oms_key("p256.pub.pem")).error().kind == ErrorKind::io);
  CHECK(sign(test.path("none"), key, test.path("x.sig")).error().kind == ErrorKind::io);
  CHECK(sign(model, oms_key("sealed.key.pem"), test.path("x.sig")).error().kind ==
        ErrorKind::invalid_argument);
}

}  // namespace weightmark
