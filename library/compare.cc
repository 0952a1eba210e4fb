#include "weightmark/compare.h"

#include "base/text.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/facade/word_of.h"
#include "library/models/model_comparison.h"
#include "lineage/verdict_wording.h"

namespace weightmark {

namespace {

namespace library = wmk::library;
using wmk::lineage::LineageVerdict;

Lineage lineage_of(LineageVerdict verdict) {
  switch (verdict) {
    case LineageVerdict::derived:
      return Lineage::derived;
    case LineageVerdict::partly_derived:
      return Lineage::partly_derived;
    case LineageVerdict::shared_component:
      return Lineage::shared_component;
    case LineageVerdict::shared_initialisation_possible:
      return Lineage::shared_initialisation_possible;
    case LineageVerdict::no_shared_weights:
      return Lineage::no_shared_weights;
    default:
      return Lineage::not_enough_evidence;
  }
}

LineageTest public_test(const wmk::lineage::TestResult& test) {
  LineageTest out;
  out.name = test.name;
  out.statistic = test.statistic;
  out.value = test.value;
  out.log10_p = test.log10_p;
  out.outcome = to_string(test.outcome);
  out.note = test.note;
  out.family = to_string(test.family);
  out.kind = to_string(test.kind);
  out.null = test.null;
  out.basis = to_string(test.basis);
  out.effect = test.effect;
  out.hypotheses = test.tried;
  out.stands_out = test.stands_out;
  return out;
}

void add_findings(const wmk::lineage::Comparison& found, Comparison& out) {
  out.verdict = lineage_of(found.judgement.verdict);
  out.finding = wording_of(found.judgement.verdict).headline;
  out.reason = found.judgement.reason;
  out.component = found.judgement.component;
  out.basis = to_string(found.basis);
  for (const auto basis : found.bases_tried) out.bases_tried.emplace_back(to_string(basis));
  for (const auto& test : found.tests) out.tests.push_back(public_test(test));
  for (const auto& family : found.judgement.families) {
    out.families.push_back({std::string(to_string(family.family)), family.comparable, family.hit,
                            family.null, family.log10_p, family.reason});
  }
  for (const auto& share : found.shares) {
    out.experts.push_back({share.layer, share.expert, share.shared, share.sampled, share.share});
  }
}

void add_parents(const wmk::lineage::ParentFits& fits, std::span<const std::string> paths,
                 Comparison& out) {
  out.explained = fits.explained;
  for (size_t i = 0; i < fits.parents.size(); ++i) {
    const auto& fit = fits.parents[i];
    out.parents.push_back({paths[i], fit.missing, fit.weight, fit.lowest, fit.highest, fit.alone});
  }
}

void add_notices(const library::ModelComparison& found, Comparison& out) {
  for (const auto& [notice, names, in_reference] : found.notices) {
    ComparedNotice& each = out.notices.emplace_back();
    each.notice = {std::string(to_string(notice.kind)), wmk::escaped(notice.file), notice.line,
                   wmk::escaped(notice.text)};
    each.names = wmk::escaped(names);
    if (!in_reference) continue;
    each.reference_file = wmk::escaped(in_reference->file);
    each.reference_line = in_reference->line;
  }
  out.notices_cut = found.notices_cut;
}

// Keeps the models of `accesses` open, and collects notes about them.
class Opener {
 public:
  wmk::Result<library::OpenedModel> open(const Model& model) {
    const auto place = library::place_of(model, accesses_);
    if (!place) return place.error();
    auto opened = library::open_model(*place);
    if (!opened) return opened;
    for (std::string& text : opened->notes()) notes.push_back(std::move(text));
    return opened;
  }
  std::vector<std::string> notes;

 private:
  std::vector<library::ModelAccess> accesses_;
};

wmk::Result<library::ComparedModels> open_compared(const Model& suspect, const Model& reference,
                                                   const CompareOptions& options, Opener& opener) {
  auto of_suspect = opener.open(suspect);
  if (!of_suspect) return std::move(of_suspect).error().within("suspect");
  auto of_reference = opener.open(reference);
  if (!of_reference) return std::move(of_reference).error().within("reference");
  library::ComparedModels out{*std::move(of_suspect), *std::move(of_reference), {}};
  for (const Model& each : options.also) {
    auto parent = opener.open(each);
    if (!parent) return std::move(parent).error().within("also");
    out.also.push_back(*std::move(parent));
  }
  return out;
}

wmk::Result<Comparison> compare_with(const Model& suspect, const Model& reference,
                                     const CompareOptions& options, const Run& run) {
  if (auto status = library::check_candidates(options.also.size()); !status) {
    return std::move(status).error();
  }
  Opener opener;
  const auto models = open_compared(suspect, reference, options, opener);
  if (!models) return models.error();
  library::RunProgress progress(run);
  const auto found =
      library::compare_models(*models, {options.seed, library::threads_of(run), &progress});
  if (!found) return found.error();
  Comparison out;
  add_findings(found->found, out);
  out.direction = library::direction_of(found->found, found->parents);
  std::vector<std::string> paths = {reference.path};
  for (const Model& each : options.also) paths.push_back(each.path);
  if (found->parents) add_parents(*found->parents, paths, out);
  add_notices(*found, out);
  out.notes = std::move(opener.notes);
  out.seed = options.seed;
  return out;
}

}  // namespace

std::string_view to_string(Lineage lineage) {
  return library::word_of<Lineage, 6>(
      lineage, {"derived", "partly_derived", "shared_component", "shared_initialisation_possible",
                "no_shared_weights", "not_enough_evidence"});
}

Result<Comparison> compare(const Model& suspect, const Model& reference,
                           const CompareOptions& options, const Run& run) {
  return library::timed<Comparison>([&] { return compare_with(suspect, reference, options, run); });
}

}  // namespace weightmark
