// arbitrate() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::object as_object(const std::optional<wm::CaseLink>& link) {
  if (!link) return nb::none();
  nb::dict out;
  out["verdict"] = link->verdict;
  out["z"] = link->z;
  out["expected_z"] = link->expected_z;
  out["log10_p"] = link->log10_p;
  out["price"] = link->price;
  out["frame"] = link->frame;
  out["release_frame"] = link->release_frame;
  out["conditions"] = link->conditions;
  out["controls"] = link->controls;
  return out;
}

nb::object as_object(const std::optional<wm::CaseWeight>& weight) {
  if (!weight) return nb::none();
  nb::dict out;
  out["commitments"] = weight->commitments;
  out["log10_tries"] = weight->log10_tries;
  out["log10_p"] = weight->log10_p;
  out["lambda_"] = weight->lambda;
  out["log10_e"] = weight->log10_e;
  return out;
}

nb::dict as_dict(const wm::Arbitration& found) {
  nb::dict out;
  out["ruling"] = wm::to_string(found.ruling);
  out["finding"] = found.finding;
  out["meaning"] = found.meaning;
  out["findings"] = rows(found.findings, [](const wm::CaseFinding& each) {
    return nb::make_tuple(each.name, each.verdict, each.code, each.text, each.evidence, each.signer,
                          each.signer_fingerprint, each.signer_role);
  });
  out["limits"] = found.limits;
  out["link"] = as_object(found.link);
  out["weight"] = as_object(found.weight);
  out["cross"] = rows(found.cross, [](const wm::CrossZ& each) {
    return nb::make_tuple(each.key, each.model, each.z, each.shown);
  });
  out["suspect_root"] = found.suspect_root;
  out["notes"] = found.notes;
  out["seconds"] = found.seconds;
  return out;
}

using Paths = std::vector<std::string>;

nb::dict arbitrate(const std::string& claim, const std::string& trust, const std::string& suspect,
                   const Paths& logits, const std::string& tokenizer,
                   const std::string& acquisition, const Paths& controls, const Paths& logs,
                   const std::string& release, const std::string& counterclaim,
                   const std::string& counter_release, const Paths& ignore_paths, unsigned threads,
                   const nb::object& told) {
  const wm::CaseFiles files{claim,    trust, suspect, logits,       tokenizer,       acquisition,
                            controls, logs,  release, counterclaim, counter_release, ignore_paths};
  return as_dict(
      without_gil(threads, told, [&](const wm::Run& run) { return wm::arbitrate(files, run); }));
}

}  // namespace

void add_arbitrate(nb::module_& module) {
  module.def("arbitrate", arbitrate, "claim"_a, "trust"_a, "suspect"_a, "logits"_a, "tokenizer"_a,
             "acquisition"_a, "controls"_a, "logs"_a, "release"_a, "counterclaim"_a,
             "counter_release"_a, "ignore_paths"_a, "threads"_a, "told"_a.none());
}

}  // namespace wmk::python
