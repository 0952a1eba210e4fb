// The counterclaim: whose release carries whose mark (specs/arbitration.md 3.9).
#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/rules.h"

namespace wmk::claims {

namespace {

Finding answer(FindingVerdict verdict, std::string code, std::string text) {
  return {"counterclaim", verdict, std::move(code), std::move(text)};
}

// Both marks in both releases were read.
Finding judge(const CrossTable& table) {
  const auto shown = [&](size_t key, CrossModel model) { return table.at(key, model)->is_shown; };
  const bool claimant_in_other = shown(0, CrossModel::opponent_release);
  const bool opponent_in_other = shown(1, CrossModel::claimant_release);
  if (!shown(0, CrossModel::claimant_release)) {
    return answer(FindingVerdict::fail, "own_release_unmarked",
                  "the claimant's committed release does not carry the claimant's own mark");
  }
  if (claimant_in_other && opponent_in_other) {
    return answer(FindingVerdict::open, "each_carries_both",
                  "each release carries both marks, so neither party's is the original");
  }
  if (opponent_in_other) {
    return answer(FindingVerdict::fail, "opponent_first",
                  "the claimant's release carries the opponent's mark, and the opponent's does not "
                  "carry the claimant's: the claimant marked a copy");
  }
  if (claimant_in_other) {
    return answer(FindingVerdict::pass, "claimant_first",
                  "the opponent's release carries the claimant's mark, and the claimant's does not "
                  "carry the opponent's: the opponent marked a copy");
  }
  return answer(FindingVerdict::pass, "releases_independent",
                "neither release carries the other party's mark");
}

}  // namespace

Finding counterclaim_finding(const CaseFacts& facts) {
  if (facts.opponent == nullptr) {
    return answer(FindingVerdict::pass, "no_counterclaim", "nobody else claims the suspect");
  }
  if (!may_read(*facts.opponent)) {
    const sign::Findings& why =
        facts.opponent->integrity.good() ? facts.opponent->opening : facts.opponent->integrity;
    return answer(FindingVerdict::pass, "counterclaim_refused",
                  cat("the opponent's papers are bad: ", why.reasons.front().text));
  }
  const auto is_read = [&](size_t key, CrossModel model) {
    return facts.cross && facts.cross->at(key, model).has_value();
  };
  for (size_t key = 0; key < 2; ++key) {
    for (const CrossModel model : {CrossModel::claimant_release, CrossModel::opponent_release}) {
      if (is_read(key, model)) continue;
      return answer(FindingVerdict::open, "releases_missing",
                    "both parties' committed releases are needed (--release, --counter-release)");
    }
  }
  return judge(*facts.cross);
}

}  // namespace wmk::claims
