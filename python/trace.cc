// trace() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::dict as_dict(const wm::Trace& found) {
  nb::dict out;
  out["verdict"] = wm::to_string(found.verdict);
  out["finding"] = found.finding;
  out["claim"] = found.claim;
  out["conditions"] = found.conditions;
  out["reason"] = found.reason;
  out["licensees"] = rows(found.licensees, [](const wm::LicenseeZ& each) {
    return nb::make_tuple(each.id, each.z, each.log10_p, wm::to_string(each.verdict), each.round,
                          each.price, each.z_ffn, each.z_output);
  });
  out["named"] = found.named;
  out["tested"] = found.tested;
  out["rounds"] = found.rounds;
  out["price"] = found.price;
  out["expected_z"] = found.expected_z;
  out["site"] = found.site;
  out["pairs"] = found.pairs;
  out["frame"] = found.frame;
  out["reading"] = found.reading;
  out["weights"] = found.weights;
  out["key"] = found.key;
  out["notes"] = found.notes;
  out["seconds"] = found.seconds;
  return out;
}

nb::dict trace(const std::string& path, const std::string& base, const std::string& naming,
               const nb::list& tensors, const wm::Key& key, const std::vector<std::string>& ids,
               const std::string& list, const std::string& register_file,
               const std::string& subtracted, const std::string& release,
               const std::string& original, size_t listed_min, double alpha, unsigned threads,
               const nb::object& told) {
  const wm::Model model = model_of(path, base, naming, tensors);
  const wm::Licensees licensees{ids, list, register_file};
  wm::TraceOptions options;
  options.subtracted = path_or_none(subtracted);
  options.release = path_or_none(release);
  options.original = path_or_none(original);
  options.listed_min = listed_min;
  options.alpha = alpha;
  return as_dict(without_gil(threads, told, [&](const wm::Run& run) {
    return wm::trace(model, key, licensees, options, run);
  }));
}

}  // namespace

void add_trace(nb::module_& module) {
  module.def("trace", trace, "path"_a, "base"_a, "naming"_a, "tensors"_a, "key"_a, "ids"_a,
             "list"_a, "register_file"_a, "subtracted"_a, "release"_a, "original"_a, "listed_min"_a,
             "alpha"_a, "threads"_a, "told"_a.none());
}

}  // namespace wmk::python
