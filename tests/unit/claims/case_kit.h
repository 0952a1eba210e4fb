// A case in which everything is in order, to be spoilt in one place by each test.
#pragma once

#include <cmath>

#include "claims/arbitrate/decide.h"
#include "embed/scheme/price.h"
#include "tests/unit/claims/claim_kit.h"

namespace wmk::claims::test {

inline constexpr int64_t kCommittedAt = 1'700'000'000, kPublishedAt = 1'710'000'000,
                         kAcquiredAt = 1'720'000'000, kDisclosedAt = 1'730'000'000;

inline std::vector<TimeSource> seen_at(int64_t seconds) {
  return {{seconds - 100, "first", "a"}, {seconds, "second", "b"}};
}

inline Party good_party(const Owner& owner, const TrustedKey& key) {
  Party out;
  out.signer = &key;
  out.commitment = owner.content;
  sign::Findings findings;
  out.disclosure = parse_disclosure(owner.disclosed_payload(0), findings);
  out.committed = {"c0", seen_at(kCommittedAt),
                   LoggedStatement{"example.org/log", 17, 18, "p", kCommittedAt}};
  out.released = {"r0", seen_at(kCommittedAt), std::nullopt};
  out.disclosed = {"d0", seen_at(kDisclosedAt), std::nullopt};
  return out;
}

inline Acquisition good_acquisition() {
  Acquisition out;
  out.source = "example.org/model";
  out.acquirer = "the court";
  out.acquired = kAcquiredAt;
  out.published = kPublishedAt;
  out.custody = Custody::arbitrator;
  out.voucher = "the court's clerk";
  out.root = Bytes(32, std::byte{7});
  out.ancestors.emplace();
  return out;
}

// z of a link by the price of a first hypothesis.
inline LinkFacts link_with(double z) {
  LinkFacts out;
  out.z = z;
  out.price = embed::price_of(1, false);
  out.ln_p = std::min(0.0, std::log(out.price) - z * z / 2);
  out.level = embed::conclusive_z(out.price) <= z ? report::Level::conclusive
              : out.ln_p <= std::log(1e-9)        ? report::Level::detected
                                                  : report::Level::undecided;
  out.frame = "the suspect's own tokens";
  out.claim.conditions = {verify::Condition::suspect_independent_of_key};
  return out;
}

struct GoodCase {
  GoodCase()
      : key{"claimant.pem", Role::claimant, public_key("p256")},
        claimant(good_party(owner, key)),
        facts{claimant, {}} {
    facts.count.commitments = 1;
    facts.acquisition = good_acquisition();
    facts.suspect.root = facts.acquisition->root;
    facts.link = link_with(30);
  }
  Decision decision() const { return decide(facts); }
  std::string ruling() const { return std::string(to_string(decision().ruling)); }
  // "open claimant_only" of the finding.
  std::string verdict(std::string_view name) const {
    const Decision made = decision();
    const Finding& found = made.finding(name);
    return std::string(to_string(found.verdict)) + " " + found.code;
  }

  Owner owner;
  TrustedKey key;
  Party claimant;
  CaseFacts facts;
};

// A second party whose release is read beside the claimant's.
struct Dispute : GoodCase {
  Dispute() : opponent(good_party(owner, key)) {
    facts.opponent = &opponent;
    opponent.released.times = seen_at(kCommittedAt + 1000);
    facts.cross.emplace();
  }
  void show(size_t key_row, CrossModel model, bool is_shown) {
    facts.cross->cells[key_row][static_cast<size_t>(model)] =
        CrossCell{is_shown ? 30.0 : 0.3, is_shown};
  }
  void show_releases(bool a_in_a, bool a_in_b, bool b_in_a, bool b_in_b) {
    show(0, CrossModel::claimant_release, a_in_a);
    show(0, CrossModel::opponent_release, a_in_b);
    show(1, CrossModel::claimant_release, b_in_a);
    show(1, CrossModel::opponent_release, b_in_b);
  }
  Party opponent;
};

}  // namespace wmk::claims::test
