// detect(), write_part() and embed() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::dict as_dict(const wm::Detection& found) {
  nb::dict out;
  out["verdict"] = wm::to_string(found.verdict);
  out["finding"] = found.finding;
  out["claim"] = found.claim;
  out["conditions"] = found.conditions;
  out["reason"] = found.reason;
  out["next"] = found.next;
  out["z"] = found.z;
  out["log10_p"] = found.log10_p;
  out["price"] = found.price;
  out["expected_z"] = found.expected_z;
  out["expected_z_full"] = found.expected_z_full;
  out["site"] = found.site;
  out["frame"] = found.frame;
  out["reading"] = found.reading;
  nb::list sites, groups;
  for (const wm::SiteZ& each : found.sites) {
    sites.append(nb::make_tuple(each.site, each.z, each.expected_z, each.weights));
  }
  for (const wm::GroupZ& each : found.groups) {
    groups.append(nb::make_tuple(each.name, each.z, each.weights));
  }
  out["sites"] = sites;
  out["groups"] = groups;
  out["shares"] = found.shares;
  out["controls"] = found.controls;
  out["notes"] = found.notes;
  out["weights_read"] = found.weights_read;
  out["weights_total"] = found.weights_total;
  out["bytes_read"] = found.bytes_read;
  out["key"] = found.key;
  out["seconds"] = found.seconds;
  return out;
}

nb::dict as_dict(const wm::Marked& marked) {
  nb::dict out;
  out["key"] = marked.key;
  out["record"] = marked.record;
  out["strength"] = marked.strength;
  out["shares"] = marked.shares;
  out["expected_z"] = marked.expected_z;
  out["z"] = marked.z;
  out["relative_change"] = marked.relative_change;
  out["sites"] = marked.sites;
  out["weights"] = marked.weights;
  out["skipped_units"] = marked.skipped_units;
  out["bytes_written"] = marked.bytes_written;
  out["seconds"] = marked.seconds;
  return out;
}

wm::DetectOptions options_of(const std::string& record, const std::string& release,
                             const std::string& original, std::optional<unsigned> shares,
                             std::optional<unsigned> share, const std::string& sites,
                             const std::string& readings) {
  wm::DetectOptions options;
  options.record = record;
  options.release = path_or_none(release);
  options.original = path_or_none(original);
  options.shares = shares;
  options.share = share;
  options.sites = sites;
  options.readings = readings;
  return options;
}

nb::dict detect(const std::string& path, const std::string& base, const std::string& naming,
                const nb::list& tensors, const wm::Key& key, const std::string& record,
                const std::string& release, const std::string& original,
                const std::vector<std::string>& controls, std::optional<unsigned> shares,
                std::optional<unsigned> share, const std::string& sites,
                const std::string& readings, bool full, bool by_layer, double alpha,
                const std::vector<std::string>& parts, unsigned threads, const nb::object& told) {
  const wm::Model model = model_of(path, base, naming, tensors);
  wm::DetectOptions options = options_of(record, release, original, shares, share, sites, readings);
  for (const std::string& each : controls) options.controls.push_back({each});
  options.parts = parts;
  options.full = full;
  options.by_layer = by_layer;
  options.alpha = alpha;
  return as_dict(without_gil(
      threads, told, [&](const wm::Run& run) { return wm::detect(model, key, options, run); }));
}

nb::dict write_part(const std::string& path, const std::string& base, const std::string& naming,
                    const wm::Key& key, unsigned part, unsigned parts, const std::string& out,
                    bool replace, const std::string& record, const std::string& release,
                    const std::string& original, std::optional<unsigned> shares,
                    std::optional<unsigned> share, const std::string& sites,
                    const std::string& readings, unsigned threads, const nb::object& told) {
  const wm::Model model = model_of(path, base, naming, {});
  const wm::DetectOptions options =
      options_of(record, release, original, shares, share, sites, readings);
  const wm::PartWritten written = without_gil(threads, told, [&](const wm::Run& run) {
    return wm::write_part(model, key, {part, parts, out, replace}, options, run);
  });
  nb::dict found;
  found["scans"] = written.scans;
  found["bytes_read"] = written.bytes_read;
  found["bytes_written"] = written.bytes_written;
  found["faults"] = written.faults;
  found["seconds"] = written.seconds;
  return found;
}

nb::dict embed(const std::string& path, const nb::list& tensors, const wm::Key& key,
               const std::string& out, const std::string& record, std::optional<double> strength,
               std::optional<unsigned> shares, const std::string& sites,
               const std::string& licensee, bool allow_skipped, bool replace, bool resume,
               unsigned threads, const nb::object& told) {
  const wm::Model model = model_of(path, "", "", tensors);
  wm::EmbedOptions options;
  options.record = record;
  options.strength = strength;
  options.shares = shares;
  options.sites = sites;
  options.licensee = licensee;
  options.allow_skipped = allow_skipped;
  options.replace = replace;
  options.resume = resume;
  return as_dict(without_gil(threads, told, [&](const wm::Run& run) {
    return model.tensors.empty() ? wm::embed(model, key, out, options, run)
                                 : wm::embed_in_place(model, key, options, run);
  }));
}

}  // namespace

void add_marks(nb::module_& module) {
  module.def("detect", detect, "path"_a, "base"_a, "naming"_a, "tensors"_a, "key"_a, "record"_a,
             "release"_a, "original"_a, "controls"_a, "shares"_a.none(), "share"_a.none(),
             "sites"_a, "readings"_a, "full"_a, "by_layer"_a, "alpha"_a, "parts"_a, "threads"_a,
             "told"_a.none());
  module.def("write_part", write_part, "path"_a, "base"_a, "naming"_a, "key"_a, "part"_a, "parts"_a,
             "out"_a, "replace"_a, "record"_a, "release"_a, "original"_a, "shares"_a.none(),
             "share"_a.none(), "sites"_a, "readings"_a, "threads"_a, "told"_a.none());
  module.def("embed", embed, "path"_a, "tensors"_a, "key"_a, "out"_a, "record"_a,
             "strength"_a.none(), "shares"_a.none(), "sites"_a, "licensee"_a, "allow_skipped"_a,
             "replace"_a, "resume"_a, "threads"_a, "told"_a.none());
}

}  // namespace wmk::python
