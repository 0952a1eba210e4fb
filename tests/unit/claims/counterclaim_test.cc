// Two parties claim one suspect (specs/arbitration.md 3.9).
#include "tests/unit/claims/case_kit.h"
#include "tests/unit/claims/trust_kit.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

TEST_CASE("the counterclaim: whose release carries only one mark", "[claims]") {
  Dispute dispute;
  CHECK(dispute.verdict("counterclaim") == "open releases_missing");
  CHECK(dispute.ruling() == "undecided");
  dispute.show_releases(true, false, false, true);
  CHECK(dispute.verdict("counterclaim") == "pass releases_independent");
  dispute.show_releases(true, true, false, true);  // the opponent marked a copy
  CHECK(dispute.verdict("counterclaim") == "pass claimant_first");
  CHECK(dispute.ruling() == "conclusive");
  // A key that was fixed after the opponent's release could have been fitted to it.
  dispute.opponent.released.times = {{kCommittedAt - 1, "third", "c"}};
  CHECK(dispute.verdict("counterclaim") == "open order_unproven");
  CHECK(dispute.ruling() == "undecided");
  dispute.opponent.released.times.clear();
  CHECK(dispute.verdict("counterclaim") == "pass claimant_first");
  dispute.claimant.committed.times.clear();
  CHECK(dispute.verdict("counterclaim") == "open order_unproven");
  dispute.claimant.committed.times = seen_at(kCommittedAt);
  dispute.show_releases(true, false, true, true);  // the claimant marked a copy
  CHECK(dispute.verdict("counterclaim") == "fail opponent_first");
  CHECK(dispute.ruling() == "undecided");
  dispute.show_releases(true, true, true, true);
  CHECK(dispute.verdict("counterclaim") == "open each_carries_both");
  CHECK(dispute.ruling() == "undecided");
  dispute.show_releases(false, true, false, true);
  CHECK(dispute.verdict("counterclaim") == "fail own_release_unmarked");
}

TEST_CASE("a counterclaim with bad papers is refused and does not stop the claim", "[claims]") {
  Dispute dispute;
  dispute.opponent.opening.no(sign::Code::disclosure_opening, "it opens another leaf");
  CHECK(dispute.verdict("counterclaim") == "pass counterclaim_refused");
  CHECK(dispute.ruling() == "conclusive");
}

TEST_CASE("two marks in the suspect are nobody's while the releases carry one each", "[claims]") {
  Dispute dispute;
  dispute.show_releases(true, false, false, true);
  dispute.show(0, CrossModel::suspect, true);
  dispute.show(1, CrossModel::suspect, false);
  CHECK(dispute.verdict("counterclaim") == "pass counterclaim_unshown");
  CHECK(dispute.ruling() == "conclusive");
  // A thief who marks a copy, and states a release that has nothing to do with it.
  dispute.show(1, CrossModel::suspect, true);
  CHECK(dispute.verdict("counterclaim") == "open both_in_suspect");
  CHECK(dispute.ruling() == "undecided");
}

TEST_CASE("a counterclaim whose mark shows nowhere does not stop the claim", "[claims]") {
  Dispute dispute;
  dispute.show(0, CrossModel::suspect, true);
  dispute.show(1, CrossModel::suspect, false);
  // The claimant's release may carry it.
  CHECK(dispute.verdict("counterclaim") == "open releases_missing");
  dispute.show(0, CrossModel::claimant_release, true);
  dispute.show(1, CrossModel::claimant_release, false);
  CHECK(dispute.verdict("counterclaim") == "pass counterclaim_unshown");
  CHECK(dispute.ruling() == "conclusive");
  dispute.show(1, CrossModel::claimant_release, true);
  CHECK(dispute.verdict("counterclaim") == "open releases_missing");
}

TEST_CASE("of two commitments to one disclosed share the older one counts", "[claims]") {
  Dispute copied;
  const Bytes secret(32, std::byte{5}), other(32, std::byte{6});
  copied.claimant.opened = {other, secret};
  copied.opponent.opened = {secret};
  copied.show_releases(true, true, true, true);
  CHECK(copied.verdict("counterclaim") == "open share_of_both");
  copied.opponent.committed.times = seen_at(kCommittedAt + 1);
  CHECK(copied.verdict("counterclaim") == "pass opponent_copied_share");
  CHECK(copied.ruling() == "conclusive");
  copied.opponent.committed.times.clear();
  CHECK(copied.verdict("counterclaim") == "pass opponent_copied_share");
  copied.opponent.committed.times = seen_at(kCommittedAt - 1);
  CHECK(copied.verdict("counterclaim") == "fail share_copied");
  CHECK(copied.ruling() == "undecided");
  copied.claimant.opened = {other};
  CHECK(copied.verdict("counterclaim") == "open each_carries_both");
}

TEST_CASE("the secrets that a claim discloses are those that open its commitment", "[claims]") {
  const Owner owner;
  const TrustOnDisk disk(Keys{{"claimant.pem", "p256.pub.pem"}});
  const auto opened = [&](const std::string& lines) {
    disk.scratch.put("claim/claims.jsonl", owner.made.bundle + lines);
    return must(read_party(disk.scratch / "claim", disk.trust())).opened.size();
  };
  CHECK(opened(owner.disclosure(1)) == 1);
  CHECK(opened(owner.disclosure(1) + owner.disclosure(0)) == 2);
  // A share that was read elsewhere is not in this tree, whoever signs that it is.
  Commitment copy = owner.content;
  copy.nonce = Bytes(kNonceBytes, std::byte{1});  // so the salts are others
  const std::string foreign =
      disclosure_text({owner.made.digest, "2026-1", "The court",
                       open_share(owner.master, copy.nonce, copy.signer, 0)});
  CHECK(opened(owner.disclosure(1) + signed_bundle(foreign) + "\n") == 1);
}
