// detect_logits() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::dict as_dict(const wm::LogitsDetection& found) {
  nb::dict out;
  out["verdict"] = wm::to_string(found.verdict);
  out["finding"] = found.finding;
  out["claim"] = found.claim;
  out["conditions"] = found.conditions;
  out["z"] = found.z;
  out["log10_p"] = found.log10_p;
  out["price"] = found.price;
  out["reading"] = found.reading;
  out["rows"] = found.rows;
  out["columns"] = found.columns;
  out["rank"] = found.rank;
  out["rank_by_spectrum"] = found.rank_by_spectrum;
  out["pairs"] = found.pairs;
  out["shares"] = found.shares;
  out["readings"] = rows(found.readings, [](const wm::LogitsReading& each) {
    return nb::make_tuple(each.reading, each.z, each.price, each.rank, each.fault);
  });
  out["key"] = found.key;
  out["seconds"] = found.seconds;
  return out;
}

nb::dict detect_logits(const std::vector<std::string>& files, const nb::list& tensors,
                       const std::string& tokenizer, const wm::Key& key, const std::string& record,
                       std::optional<unsigned> shares, std::optional<unsigned> rank, double alpha,
                       unsigned threads, const nb::object& told) {
  const wm::Logits logits{files, model_of("", "", "", tensors).tensors, tokenizer};
  const wm::LogitsOptions options{record, shares, rank, alpha};
  return as_dict(without_gil(threads, told, [&](const wm::Run& run) {
    return wm::detect_logits(logits, key, options, run);
  }));
}

}  // namespace

void add_logits(nb::module_& module) {
  module.def("detect_logits", detect_logits, "files"_a, "tensors"_a, "tokenizer"_a, "key"_a,
             "record"_a, "shares"_a.none(), "rank"_a.none(), "alpha"_a, "threads"_a,
             "told"_a.none());
}

}  // namespace wmk::python
