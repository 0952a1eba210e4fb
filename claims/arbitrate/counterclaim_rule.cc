// The counterclaim: whose release carries whose mark (specs/arbitration.md 3.9).
#include <algorithm>

#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/rules.h"
#include "sign/keys/timestamp.h"

namespace wmk::claims {

namespace {

Finding answer(FindingVerdict verdict, std::string code, std::string text) {
  return {"counterclaim", verdict, std::move(code), std::move(text)};
}

std::string by_text(std::optional<int64_t> seconds) {
  return seconds ? cat("by ", sign::time_text(*seconds)) : "at no proven time";
}

// Both committed one secret. It was hidden until somebody disclosed it, so whoever committed it
// later has read that. A commitment without a proven time may have been made today.
std::optional<Finding> common_secret(const Party& claimant, const Party& opponent) {
  const auto is_known = [&](const Bytes& secret) {
    return std::ranges::find(opponent.opened, secret) != opponent.opened.end();
  };
  if (std::ranges::none_of(claimant.opened, is_known)) return std::nullopt;
  const auto own = seen_by(claimant.committed.times), other = seen_by(opponent.committed.times);
  const std::string what = cat("both parties committed the same share: the claimant ", by_text(own),
                               ", the opponent ", by_text(other));
  if (own == other) {
    return answer(FindingVerdict::open, "share_of_both",
                  cat(what, "; that does not show who read the other's disclosure"));
  }
  if (other && (!own || *other < *own)) {
    return answer(FindingVerdict::fail, "share_copied",
                  cat(what, ", so the claimant may have read the opponent's disclosure"));
  }
  return answer(FindingVerdict::pass, "opponent_copied_share",
                cat(what, ", so the opponent may have read the claimant's disclosure"));
}

// A key that was fixed only after the opponent's release could have been fitted to it.
bool is_older_than_release(const Party& claimant, const Party& opponent) {
  const auto committed = seen_by(claimant.committed.times);
  const auto released = seen_by(opponent.released.times, 1);
  return committed && (!released || *committed < *released);
}

// Whether the opponent's mark is known to be in neither the suspect nor the claimant's release.
bool is_unshown(const CrossTable& table) {
  const auto is_absent = [&](CrossModel model) {
    const auto& cell = table.at(1, model);
    return cell && !cell->is_shown;
  };
  return is_absent(CrossModel::suspect) && is_absent(CrossModel::claimant_release);
}

// Both marks in both releases were read.
Finding judge(const CaseFacts& facts) {
  const CrossTable& table = *facts.cross;
  const auto shown = [&](size_t key, CrossModel model) {
    const auto& cell = table.at(key, model);
    return cell && cell->is_shown;
  };
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
  if (claimant_in_other && !is_older_than_release(facts.claimant, *facts.opponent)) {
    return answer(FindingVerdict::open, "order_unproven",
                  "the opponent's release carries the claimant's mark, but no time shows that the "
                  "claimant's commitment is the older");
  }
  if (claimant_in_other) {
    return answer(FindingVerdict::pass, "claimant_first",
                  "the opponent's release carries the claimant's mark, and the claimant's does not "
                  "carry the opponent's: the opponent marked a copy");
  }
  if (shown(0, CrossModel::suspect) && shown(1, CrossModel::suspect)) {
    return answer(FindingVerdict::open, "both_in_suspect",
                  "the suspect carries both marks, and the releases do not show whose was first");
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
  if (auto common = common_secret(facts.claimant, *facts.opponent)) return *std::move(common);
  if (facts.cross && is_unshown(*facts.cross)) {
    return answer(FindingVerdict::pass, "counterclaim_unshown",
                  "the opponent's mark shows neither in the suspect nor in the claimant's release");
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
  return judge(facts);
}

}  // namespace wmk::claims
