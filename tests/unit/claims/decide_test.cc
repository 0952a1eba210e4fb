// The rules of an arbitration, one at a time (specs/arbitration.md 3 to 6).
#include "tests/unit/claims/case_kit.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

namespace {

constexpr double kLn10 = std::numbers::ln10;

}  // namespace

TEST_CASE("a case in which everything is in order is conclusive", "[claims]") {
  const GoodCase good;
  const Decision decision = good.decision();
  CHECK(to_string(decision.ruling) == "conclusive");
  CHECK(decision.limits.empty());
  for (const Finding& each : decision.findings) {
    INFO(each.name << ": " << each.text);
    CHECK(each.verdict == FindingVerdict::pass);
  }
}

TEST_CASE("bad papers are refused before a model is read", "[claims]") {
  GoodCase bad;
  bad.claimant.integrity.no(sign::Code::signature_invalid, "the signature is not valid");
  CHECK(bad.ruling() == "refused");
  CHECK(bad.verdict("integrity") == "fail signature_invalid");
  CHECK(bad.decision().findings.size() == 2);
  GoodCase closed;
  closed.claimant.opening.no(sign::Code::disclosure_opening, "it opens another leaf");
  CHECK(closed.ruling() == "refused");
  CHECK(closed.verdict("opening") == "fail disclosure_opening");
}

TEST_CASE("no date of a party counts, and one authority is not enough", "[claims]") {
  GoodCase one;
  one.claimant.committed.times = {{kCommittedAt, "first", "a"}, {kCommittedAt + 5, "first", "a"}};
  CHECK(one.verdict("time") == "open times_missing");
  CHECK(one.verdict("priority") == "open commitment_undated");
  // The later of two independent ones counts.
  CHECK(seen_by(seen_at(1000)) == 1000);
  CHECK(seen_by({{5, "x", "a"}, {3, "x", "a"}, {9, "y", "b"}}) == 9);
  CHECK_FALSE(seen_by({}));
}

TEST_CASE("p is multiplied by the commitments that a log counted", "[claims]") {
  GoodCase counted;
  counted.facts.link = link_with(9);  // detected for one commitment
  CHECK(counted.ruling() == "detected");
  const double before = counted.decision().weight->ln_p;
  counted.facts.count.commitments = 1000;
  CHECK(counted.decision().weight->ln_p == Approx(before + 3 * kLn10));
  counted.facts.count.commitments = 1'000'000'000'000;
  CHECK(counted.ruling() == "undecided");
}

TEST_CASE("commitments that nobody counted are 2^64, and conclusive stands against them",
          "[claims]") {
  GoodCase uncounted;
  uncounted.facts.count = {std::nullopt, "log_unwitnessed", "the policy asks for no witnesses"};
  CHECK(uncounted.verdict("completeness") == "open log_unwitnessed");
  CHECK(uncounted.ruling() == "conclusive");
  CHECK(uncounted.decision().weight->ln_tries == Approx(64 * std::numbers::ln2));
  uncounted.facts.link = link_with(9);
  CHECK(uncounted.ruling() == "undecided");
  uncounted.facts.link = link_with(12.5);
  CHECK(uncounted.ruling() == "detected");
}

TEST_CASE("the claimant's own threshold cannot be laxer than the arbitrator's", "[claims]") {
  GoodCase lax;
  lax.claimant.commitment->alpha = 0.5;
  lax.facts.link = link_with(5);
  lax.facts.link->level = report::Level::detected;
  CHECK(lax.ruling() == "undecided");
  GoodCase strict;
  strict.claimant.commitment->alpha = 1e-30;
  strict.facts.link = link_with(9);
  CHECK(strict.ruling() == "undecided");
}

TEST_CASE("only the claimant vouches: not above undecided", "[claims]") {
  GoodCase planted;
  planted.facts.acquisition->custody = Custody::claimant;
  CHECK(planted.verdict("custody") == "open claimant_only");
  CHECK(planted.ruling() == "undecided");
  CHECK(planted.decision().limits.size() == 1);
  planted.facts.acquisition.reset();
  CHECK(planted.verdict("custody") == "open acquisition_missing");
  CHECK(planted.ruling() == "undecided");
}

TEST_CASE("the suspect must be the one that was acquired", "[claims]") {
  GoodCase other;
  other.facts.suspect.root = Bytes(32, std::byte{8});
  CHECK(other.verdict("custody") == "fail suspect_differs");
  CHECK(other.ruling() == "undecided");
  GoodCase unsealed;
  unsealed.facts.acquisition->custody = Custody::accused_signature;
  CHECK(unsealed.verdict("custody") == "fail seal_missing");
  unsealed.facts.suspect.seal.is_good = true;
  unsealed.facts.suspect.seal.signer = {"keys/accused.pem", "f0", Role::accused};
  CHECK(unsealed.verdict("custody") == "pass accused_signature");
  unsealed.facts.suspect.seal.findings.no(sign::Code::file_differs, "differs");
  CHECK(unsealed.verdict("custody") == "fail seal_bad");
}

TEST_CASE("a suspect that was first seen after the disclosure is void for that share", "[claims]") {
  GoodCase late;
  late.facts.acquisition->acquired = kDisclosedAt;
  CHECK(late.verdict("exposure") == "fail suspect_after_disclosure");
  CHECK(late.ruling() == "undecided");
  // One source saw the share open before the suspect was acquired, the other one after it.
  GoodCase between;
  between.claimant.disclosed.times = {{kAcquiredAt, "first", "a"}, {kDisclosedAt, "second", "b"}};
  CHECK(between.verdict("exposure") == "fail suspect_after_disclosure");
  CHECK(between.ruling() == "undecided");
  GoodCase undated;
  undated.claimant.disclosed.times.clear();
  CHECK(undated.verdict("exposure") == "open disclosure_undated");
  CHECK(undated.ruling() == "undecided");
}

TEST_CASE("a key that was committed after the suspect was published decides nothing", "[claims]") {
  GoodCase late;
  late.claimant.committed.times = seen_at(kPublishedAt);
  CHECK(late.verdict("priority") == "fail commitment_later");
  CHECK(late.ruling() == "undecided");
  // An unknown date leaves the bound against 2^64 keys ground against the suspect.
  GoodCase unknown;
  unknown.facts.acquisition->published.reset();
  CHECK(unknown.verdict("priority") == "open publication_unknown");
  CHECK(unknown.ruling() == "conclusive");
  unknown.facts.link = link_with(9);
  CHECK(unknown.ruling() == "undecided");
  // It was there when it was acquired: a date that is left out helps nobody.
  unknown.facts.link = link_with(30);
  unknown.claimant.committed.times = seen_at(kAcquiredAt);
  unknown.claimant.committed.logged->seconds = kAcquiredAt;
  CHECK(unknown.verdict("priority") == "fail commitment_later");
  CHECK(unknown.verdict("completeness") == "open logged_late");
  CHECK(unknown.ruling() == "undecided");
  unknown.claimant.committed.times.clear();
  CHECK(unknown.verdict("priority") == "open commitment_undated");
  CHECK(unknown.ruling() == "undecided");
}

TEST_CASE("a frame of the release shows nothing where an ancestor is older", "[claims]") {
  GoodCase fitted;
  fitted.facts.link->is_release_frame = true;
  fitted.facts.is_committed_release = true;
  CHECK(fitted.ruling() == "conclusive");
  const Bytes root(32, std::byte{9});
  fitted.facts.acquisition->ancestors = {{"public base", kCommittedAt - 1, root}};
  CHECK(fitted.verdict("priority") == "open ancestor_older");
  CHECK(fitted.ruling() == "undecided");
  // A control of another model does not help; the ancestor itself does, if it is null.
  fitted.facts.link->controls = {{"other", Bytes(32, std::byte{1}), 0.2, true}};
  CHECK(fitted.ruling() == "undecided");
  fitted.facts.link->controls = {{"base", root, 0.2, true}};
  CHECK(fitted.verdict("priority") == "pass committed_first");
  CHECK(fitted.ruling() == "conclusive");
  fitted.facts.link->controls = {{"base", root, 28, false}};
  CHECK(fitted.ruling() == "undecided");
  fitted.facts.acquisition->ancestors.reset();
  CHECK(fitted.verdict("priority") == "open ancestors_unknown");
  CHECK(fitted.ruling() == "undecided");
}

TEST_CASE("a frame that is not of the committed release is refused", "[claims]") {
  GoodCase fitted;
  fitted.facts.link->is_release_frame = true;
  CHECK(fitted.verdict("link") == "fail release_not_committed");
  CHECK(fitted.ruling() == "undecided");
  fitted.facts.is_committed_release = false;
  CHECK(fitted.ruling() == "undecided");
}

TEST_CASE("logits that the key's holder could choose decide nothing", "[claims]") {
  GoodCase api;
  Acquisition& from = *api.facts.acquisition;
  from.root.clear();
  api.facts.suspect.root.clear();
  const Bytes answers(32, std::byte{3});
  from.logits = LogitsAccess{"https://api", "m", Bytes(32), answers, "the court", true, true, true};
  api.facts.suspect.answers = answers;
  CHECK(api.verdict("custody") == "pass arbitrator");
  CHECK(api.ruling() == "conclusive");
  for (bool LogitsAccess::*const each : {&LogitsAccess::prompts_fixed_before,
                                         &LogitsAccess::all_columns, &LogitsAccess::without_key}) {
    (*from.logits).*each = false;
    CHECK(api.verdict("custody") == "open logits_chosen");
    CHECK(api.ruling() == "undecided");
    (*from.logits).*each = true;
  }
  api.facts.suspect.answers = Bytes(32, std::byte{4});
  CHECK(api.verdict("custody") == "fail answers_differ");
  // Files in place of logits.
  from.logits.reset();
  CHECK(api.verdict("custody") == "fail suspect_kind");
}

TEST_CASE("a mark that is not there is a no, whoever vouches", "[claims]") {
  GoodCase absent;
  absent.facts.link = link_with(0.4);
  absent.facts.link->level = report::Level::not_found;
  CHECK(absent.verdict("link") == "fail mark_not_found");
  CHECK(absent.ruling() == "not_found");
  absent.facts.link->level = report::Level::undecided;
  CHECK(absent.ruling() == "undecided");
}

TEST_CASE("the mean of the e-value under the null hypothesis is at most 1", "[claims]") {
  // z of a Rademacher sum is at most as spread as a normal: integrate over one.
  for (const double lambda : {1.0, 4.0, 12.0}) {
    double mean = 0;
    const double step = 1e-3;
    for (double z = lambda - 12; z < lambda + 12; z += step) {
      const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
      mean += std::exp(ln_e_value(z, lambda, 1, 0)) * density * step;
    }
    CHECK(mean == Approx(1).margin(1e-6));
  }
  CHECK(ln_e_value(30, 12, 100, 2) == Approx(12 * 30 - 72 - std::log(100) - 2));
}
