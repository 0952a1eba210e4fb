// The acquisition file (specs/arbitration.md 2).
#include "claims/arbitrate/acquisition.h"

#include "tests/unit/claims/claim_kit.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

namespace {

const std::string kRoot(64, 'a');

std::string example() {
  return R"({"schema": "weightmark/acquisition/v1", "source": "https://example.org/model",
  "acquirer": "the court's clerk", "acquired": "2026-03-01T10:00:00Z",
  "published": "2026-02-01T00:00:00Z", "vouched_by": "platform_digest",
  "voucher": "the hub's list of digests", "root": ")" +
         kRoot + R"(",
  "ancestors": [{"name": "base", "published": "2025-01-01T00:00:00Z", "root": ")" +
         kRoot + R"("}], "access": ["the claimant, since 2026-02-02"]})";
}

bool is_refused(const std::string& from, const std::string& to) {
  const auto parsed = parse_acquisition(replaced(example(), from, to));
  return !parsed && parsed.error().code() == ErrorCode::malformed;
}

}  // namespace

TEST_CASE("an acquisition file says where the suspect came from", "[claims][bad-input]") {
  const Acquisition read = must(parse_acquisition(example()));
  CHECK(read.custody == Custody::platform_digest);
  CHECK(read.acquired == 1772359200);
  CHECK(read.published == 1769904000);
  CHECK(to_hex(read.root) == kRoot);
  REQUIRE(read.ancestors.has_value());
  CHECK(read.ancestors->front().name == "base");
  CHECK(read.access.size() == 1);
  // Parts of a second never favour the claimant.
  const auto later = must(parse_acquisition(replaced(example(), "10:00:00Z", "10:00:00.5Z")));
  CHECK(later.acquired == read.acquired + 1);
  const auto same = must(parse_acquisition(replaced(example(), "00:00:00Z", "00:00:00.5Z")));
  CHECK(same.published == read.published);
  // Not examined is not the same as none.
  const std::string item =
      R"([{"name": "base", "published": "2025-01-01T00:00:00Z", "root": ")" + kRoot + R"("}])";
  const Acquisition none = must(parse_acquisition(replaced(example(), item, "null")));
  CHECK_FALSE(none.ancestors.has_value());
}

TEST_CASE("an acquisition file is parsed strictly", "[claims][bad-input]") {
  CHECK(is_refused("acquisition/v1", "acquisition/v2"));
  CHECK(is_refused("\"voucher\"", "\"vouchers\""));
  CHECK(is_refused("platform_digest", "god"));
  CHECK(is_refused("platform_digest", "accused_signature"));  // without a seal
  CHECK(is_refused("2026-03-01T10:00:00Z", "yesterday"));
  CHECK(is_refused("2025-01-01T00:00:00Z", ""));
  CHECK(is_refused("\"root\": \"" + kRoot + "\",", ""));
  CHECK(is_refused(kRoot + "\",", kRoot + "aa\","));
  CHECK(is_refused("[\"the claimant, since 2026-02-02\"]", "[1]"));
  CHECK(is_refused("\"access\": [", "\"logits\": {}, \"access\": ["));
  // Neither the suspect nor its ancestors were published after it was acquired.
  CHECK(is_refused("2026-02-01T00:00:00Z", "2026-03-01T10:00:01Z"));
  CHECK(is_refused("2025-01-01T00:00:00Z", "9999-12-31T23:59:59Z"));
  CHECK_FALSE(is_refused("2026-02-01T00:00:00Z", "2026-03-01T10:00:00Z"));
  CHECK_FALSE(parse_acquisition("").has_value());
  CHECK_FALSE(parse_acquisition("[]").has_value());
}
