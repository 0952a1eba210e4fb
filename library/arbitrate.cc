#include "weightmark/arbitrate.h"

#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "library/cases/case.h"
#include "library/facade/run_progress.h"
#include "library/facade/sentences.h"
#include "library/facade/word_of.h"
#include "library/words/case_words.h"
#include "report/probability.h"

namespace weightmark {

namespace {

namespace library = wmk::library;
namespace claims = wmk::claims;
using wmk::report::log10_of;

Ruling public_ruling(claims::Ruling ruling) {
  switch (ruling) {
    case claims::Ruling::conclusive:
      return Ruling::conclusive;
    case claims::Ruling::detected:
      return Ruling::detected;
    case claims::Ruling::not_found:
      return Ruling::not_found;
    case claims::Ruling::refused:
      return Ruling::refused;
    default:
      return Ruling::undecided;
  }
}

CaseFinding public_finding(const claims::Finding& found) {
  CaseFinding out;
  out.name = found.name;
  out.verdict = to_string(found.verdict);
  out.code = found.code;
  out.text = found.text;
  out.evidence = found.evidence;
  if (!found.signer) return out;
  out.signer = found.signer->name;
  out.signer_fingerprint = found.signer->fingerprint;
  out.signer_role = to_string(found.signer->role);
  return out;
}

CaseLink public_link(const claims::LinkFacts& link) {
  CaseLink out;
  out.verdict = to_string(link.level);
  out.z = link.z;
  out.expected_z = link.expected_z;
  out.log10_p = log10_of(link.ln_p);
  out.price = link.price;
  out.frame = link.frame;
  out.release_frame = link.is_release_frame;
  out.conditions = library::condition_words(link.claim);
  for (const claims::ControlFacts& each : link.controls) out.controls.push_back(each.z);
  return out;
}

std::vector<CrossZ> public_cross(const claims::CrossTable& table) {
  constexpr const char* keys[] = {"claimant", "opponent"};
  std::vector<CrossZ> out;
  for (size_t key = 0; key < std::size(keys); ++key) {
    for (size_t model = 0; model < std::size(claims::kCrossModels); ++model) {
      const auto& cell = table.cells[key][model];
      if (cell) out.push_back({keys[key], claims::kCrossModels[model], cell->z, cell->is_shown});
    }
  }
  return out;
}

wmk::Result<Arbitration> arbitrate_with(const CaseFiles& files, const Run& run) {
  library::RunProgress progress(run);
  library::CaseRequest request{files.claim,        files.trust,   files.counterclaim,
                               files.acquisition,  files.suspect, files.tokenizer,
                               files.logits,       files.logs,    files.controls,
                               files.ignore_paths, files.release, files.counter_release};
  request.threads = library::threads_of(run);
  request.progress = &progress;
  const auto all = library::examine(request);
  if (!all) return all.error();
  const claims::CaseFacts& facts = *(*all)->facts;
  const claims::Decision decision = claims::decide(facts);
  Arbitration out;
  out.ruling = public_ruling(decision.ruling);
  out.finding = library::ruling_sentence(decision.ruling, !files.suspect.empty());
  out.meaning = library::ruling_meaning(decision.ruling);
  for (const claims::Finding& each : decision.findings) {
    out.findings.push_back(public_finding(each));
  }
  out.limits = decision.limits;
  if (facts.link) out.link = public_link(*facts.link);
  if (const auto& weight = decision.weight) {
    out.weight = CaseWeight{weight->commitments, log10_of(weight->ln_tries), log10_of(weight->ln_p),
                            weight->lambda, log10_of(weight->ln_e)};
  }
  if (facts.cross) out.cross = public_cross(*facts.cross);
  out.suspect_root = wmk::to_hex(facts.suspect.root);
  out.notes = (*all)->notes;
  return out;
}

}  // namespace

std::string_view to_string(Ruling ruling) {
  return library::word_of<Ruling, 5>(
      ruling, {"conclusive", "detected", "undecided", "not_found", "refused"});
}

Result<Arbitration> arbitrate(const CaseFiles& files, const Run& run) {
  return library::timed<Arbitration>([&] { return arbitrate_with(files, run); });
}

}  // namespace weightmark
