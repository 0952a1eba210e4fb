// The facade on claims: arbitrate.
#include "tests/unit/claims/claim_kit.h"
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::Case;
using test::value;

// A claim of p256's owner beside a model that does not carry the mark.
struct ClaimedModel : Case {
  ClaimedModel() {
    scratch.put("claim/claims.jsonl", owner.made.bundle + owner.disclosure());
    trust("trust", "p256");
  }
  void trust(const std::string& folder, const std::string& name) const {
    scratch.put(folder + "/keys/claimant.pem",
                test::content_of(wmk::sign::test::oms_vector(name + ".pub.pem")));
  }
  CaseFiles files() const {
    CaseFiles out;
    out.claim = path("claim");
    out.trust = path("trust");
    out.suspect = path("model");
    return out;
  }

  wmk::claims::test::Owner owner;
};

std::string verdict(const Arbitration& found, std::string_view name) {
  for (const CaseFinding& each : found.findings) {
    if (each.name == name) return each.verdict;
  }
  return "missing";
}

}  // namespace

TEST_CASE("a claim is decided from its papers and the suspect", "[library]") {
  const ClaimedModel test;
  const Arbitration found = value(arbitrate(test.files()));
  CHECK_FALSE(found.is_yes());
  CHECK(found.ruling == Ruling::undecided);
  CHECK(verdict(found, "integrity") == "pass");
  CHECK(verdict(found, "opening") == "pass");
  CHECK(verdict(found, "link") == "open");
  CHECK(verdict(found, "custody") == "open");
  CHECK(found.findings.front().signer == "keys/claimant.pem");
  CHECK(found.findings.front().signer_role == "claimant");
  REQUIRE(found.link);
  CHECK(std::abs(found.link->z) < 6);
  REQUIRE(found.weight);
  CHECK_FALSE(found.weight->commitments);
  CHECK(found.suspect_root.size() == 64);
  CHECK_FALSE(found.meaning.empty());
}

TEST_CASE("a claim by a key that is not trusted is refused, and no model is read", "[library]") {
  const ClaimedModel test;
  test.trust("others", "p384");
  CaseFiles files = test.files();
  files.trust = test.path("others");
  const Arbitration found = value(arbitrate(files));
  CHECK(found.ruling == Ruling::refused);
  CHECK(verdict(found, "integrity") == "fail");
  CHECK_FALSE(found.link);
  CHECK_FALSE(found.weight);
  CHECK(found.suspect_root.empty());
}

TEST_CASE("requests to arbitrate that do not fit together are errors", "[library][bad-input]") {
  const ClaimedModel test;
  const auto kind_of = [](const CaseFiles& files) {
    const auto found = arbitrate(files);
    REQUIRE_FALSE(found);
    return found.error().kind;
  };
  CaseFiles files = test.files();
  files.suspect.clear();
  CHECK(kind_of(files) == ErrorKind::invalid_argument);
  files.logits = {test.path("some.npy")};
  CHECK(kind_of(files) == ErrorKind::invalid_argument);
  files.tokenizer = test.path("model");
  CHECK(kind_of(files) == ErrorKind::io);
  files.suspect = test.path("model");
  CHECK(kind_of(files) == ErrorKind::invalid_argument);
  files = test.files();
  files.counter_release = test.path("model");
  CHECK(kind_of(files) == ErrorKind::invalid_argument);
  files = test.files();
  files.suspect = "https://example.org/model";
  CHECK(kind_of(files) != ErrorKind::internal);
  files = test.files();
  files.claim = test.path("nowhere");
  CHECK(kind_of(files) == ErrorKind::io);
}

}  // namespace weightmark
