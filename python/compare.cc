// compare() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::dict as_dict(const wm::LineageTest& test) {
  nb::dict out;
  out["name"] = test.name;
  out["statistic"] = test.statistic;
  out["value"] = test.value;
  out["log10_p"] = test.log10_p;
  out["outcome"] = test.outcome;
  out["note"] = test.note;
  out["family"] = test.family;
  out["kind"] = test.kind;
  out["null"] = test.null;
  out["basis"] = test.basis;
  out["effect"] = test.effect;
  out["hypotheses"] = test.hypotheses;
  out["stands_out"] = test.stands_out;
  return out;
}

void add_lists(const wm::Comparison& found, nb::dict& out) {
  out["tests"] = rows(found.tests, [](const wm::LineageTest& each) { return as_dict(each); });
  out["families"] = rows(found.families, [](const wm::LineageFamily& each) {
    return nb::make_tuple(each.name, each.comparable, each.hit, each.null, each.log10_p,
                          each.reason);
  });
  out["experts"] = rows(found.experts, [](const wm::ExpertShare& each) {
    return nb::make_tuple(each.layer, each.expert, each.shared, each.sampled, each.share);
  });
  out["parents"] = rows(found.parents, [](const wm::Parent& each) {
    return nb::make_tuple(each.path, each.missing, each.weight, each.weight_low, each.weight_high,
                          each.alone);
  });
  out["notices"] = rows(found.notices, [](const wm::ComparedNotice& each) {
    const wm::Notice& notice = each.notice;
    return nb::make_tuple(notice.kind, notice.file, notice.line, notice.text, each.names,
                          each.reference_file, each.reference_line);
  });
}

nb::dict as_dict(const wm::Comparison& found) {
  nb::dict out;
  out["verdict"] = wm::to_string(found.verdict);
  out["finding"] = found.finding;
  out["reason"] = found.reason;
  out["component"] = found.component;
  out["direction"] = found.direction;
  out["basis"] = found.basis;
  out["bases_tried"] = found.bases_tried;
  add_lists(found, out);
  out["explained"] = found.explained;
  out["notices_cut"] = found.notices_cut;
  out["notes"] = found.notes;
  out["seed"] = found.seed;
  out["seconds"] = found.seconds;
  return out;
}

nb::dict compare(const std::string& path, const std::string& base, const std::string& naming,
                 const nb::list& tensors, const std::string& reference_path,
                 const std::string& reference_base, const nb::list& reference_tensors,
                 const std::vector<std::string>& also, uint64_t seed, unsigned threads,
                 const nb::object& told) {
  const wm::Model suspect = model_of(path, base, naming, tensors);
  const wm::Model reference = model_of(reference_path, reference_base, naming, reference_tensors);
  wm::CompareOptions options;
  options.seed = seed;
  for (const std::string& each : also) options.also.push_back({each, "", naming});
  return as_dict(without_gil(threads, told, [&](const wm::Run& run) {
    return wm::compare(suspect, reference, options, run);
  }));
}

}  // namespace

void add_compare(nb::module_& module) {
  module.def("compare", compare, "path"_a, "base"_a, "naming"_a, "tensors"_a, "reference_path"_a,
             "reference_base"_a, "reference_tensors"_a, "also"_a, "seed"_a, "threads"_a,
             "told"_a.none());
}

}  // namespace wmk::python
