// inspect() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::dict as_dict(const wm::HeadInfo& heads) {
  nb::dict out;
  out["layers"] = heads.layers;
  out["count"] = heads.count;
  out["query_heads"] = heads.query_heads;
  out["kv_heads"] = heads.kv_heads;
  out["value_size"] = heads.value_size;
  out["weights"] = heads.weights;
  out["missing"] = heads.missing;
  return out;
}

void add_lists(const wm::Inspection& found, nb::dict& out) {
  const auto counts = [](const std::vector<wm::TensorCount>& values) {
    return rows(values, [](const wm::TensorCount& each) {
      return nb::make_tuple(each.name, each.tensors, each.elements, each.bytes);
    });
  };
  out["sites"] = rows(found.sites, [](const wm::SiteCapacity& each) {
    return nb::make_tuple(each.site, each.not_marked, each.expected_z);
  });
  out["tensors"] = rows(found.tensors, [](const wm::TensorInfo& each) {
    return nb::make_tuple(each.name, each.dtype, nb::tuple(nb::cast(each.shape)), each.file,
                          each.role);
  });
  out["roles"] = counts(found.roles);
  out["dtypes"] = counts(found.dtypes);
  out["skipped"] = rows(found.skipped, [](const wm::Skipped& each) {
    return nb::make_tuple(each.part, each.reason);
  });
  out["notices"] = rows(found.notices, [](const wm::Notice& each) {
    return nb::make_tuple(each.kind, each.file, each.line, each.text);
  });
}

nb::dict as_dict(const wm::Inspection& found) {
  nb::dict out;
  out["format"] = found.format;
  out["family"] = found.family;
  out["model_type"] = found.model_type;
  out["quantisation"] = found.quantisation;
  out["files"] = found.files;
  out["bytes"] = found.bytes;
  out["parameters"] = found.parameters;
  out["active_parameters"] = found.active_parameters;
  out["layers"] = found.layers;
  out["width"] = found.width;
  out["experts"] = found.experts;
  out["experts_per_token"] = found.experts_per_token;
  out["context"] = found.context;
  out["vocabulary"] = found.vocabulary;
  out["labels"] = found.labels;
  out["named_tokens"] = found.named_tokens;
  out["tied_embeddings"] = found.tied_embeddings;
  out["gated"] = found.gated;
  out["units"] = found.units;
  out["heads"] = as_dict(found.heads);
  out["weights"] = found.weights;
  out["strength"] = found.strength;
  out["shares"] = found.shares;
  out["output_rows"] = found.output_rows;
  out["output_pairs"] = found.output_pairs;
  add_lists(found, out);
  out["notices_cut"] = found.notices_cut;
  out["notes"] = found.notes;
  return out;
}

nb::dict inspect(const std::string& path, const std::string& base, const std::string& naming,
                 const nb::list& tensors) {
  const wm::Model model = model_of(path, base, naming, tensors);
  return as_dict(without_gil(0, nb::none(), [&](const wm::Run&) { return wm::inspect(model); }));
}

}  // namespace

void add_inspect(nb::module_& module) {
  module.def("inspect", inspect, "path"_a, "base"_a, "naming"_a, "tensors"_a);
}

}  // namespace wmk::python
