// Which statements of a claim no proof shows to be in a log.
#include "claims/arbitrate/unproven.h"

#include "claims/log/bundle_entry.h"
#include "tests/unit/claims/claim_kit.h"
#include "tests/unit/log/made_log.h"

namespace wmk::claims {
namespace {

using namespace test;
using wmk::test::MadeLog;

std::vector<ClaimLine> claim_lines(const std::string& text) {
  sign::Findings findings;
  auto lines = must(read_claims(text, findings));
  REQUIRE(lines);
  return *std::move(lines);
}

// A proof of entry `index` of the log.
NamedProof proof_of(const MadeLog& log, uint64_t index) {
  const TileStore store = log.store();
  const uint64_t size = must(parse_signed_checkpoint(log.checkpoint())).checkpoint.head.size;
  LogTree tree(store, size);
  TlogProof proof{std::nullopt, index, must(tree.inclusion(index)), log.checkpoint()};
  return {cat(index, ".tlog-proof"), tlog_proof_text(proof), proof};
}

}  // namespace

TEST_CASE("statements that no proof shows are named, and proofs that show none", "[claims]") {
  const Owner owner;
  const sign::PublicKey key = public_key("p256");
  const auto lines = claim_lines(cat(owner.made.bundle, owner.disclosure()));
  sign::Findings findings;
  const auto entry = bundle_entry(lines[0].bundle, &key, findings);
  REQUIRE(entry);
  const MadeLog log;
  REQUIRE(log.append({"another's", *entry, "one more"}));

  const Unproven none = must(find_unproven(lines, {}, &key));
  CHECK(none.statements == std::vector<size_t>{0, 1});
  const Unproven one = must(find_unproven(lines, {proof_of(log, 1)}, &key));
  CHECK(one.statements == std::vector<size_t>{1});
  CHECK(one.proofs.empty());
  const Unproven other = must(find_unproven(lines, {proof_of(log, 0), proof_of(log, 1)}, &key));
  CHECK(other.statements == std::vector<size_t>{1});
  CHECK(other.proofs == std::vector<size_t>{0});
  // The same path at another index leads elsewhere.
  NamedProof moved = proof_of(log, 1);
  moved.proof.index = 2;
  CHECK(must(find_unproven(lines, {moved}, &key)).statements.size() == 2);
  // Without the key nobody knows the entry of a bundle that only names it.
  CHECK(must(find_unproven(lines, {}, nullptr)).statements.empty());
  moved.proof.checkpoint = "no checkpoint";
  CHECK_FALSE(find_unproven(lines, {moved}, &key));
}

}  // namespace wmk::claims
