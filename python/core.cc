// weightmark._core: the facade (include/weightmark) as Python sees it.
//
// Purpose: converts values and nothing else; weightmark/*.py give them names, defaults and
// documentation. Thread-safety: calls release the GIL and take it for progress alone.
#include "python/parts.h"

namespace wmk::python {

wm::Model model_of(const std::string& path, const std::string& base, const std::string& naming,
                   const nb::list& tensors) {
  wm::Model out{path, base, naming};
  for (const nb::handle each : tensors) {
    const auto row = nb::cast<nb::tuple>(each);
    wm::MemoryTensor tensor{nb::cast<std::string>(row[0]), nb::cast<std::string>(row[1]),
                            nb::cast<std::vector<uint64_t>>(row[2])};
    tensor.data = reinterpret_cast<void*>(nb::cast<uintptr_t>(row[3]));
    tensor.bytes = nb::cast<uint64_t>(row[4]);
    out.tensors.push_back(std::move(tensor));
  }
  return out;
}

std::optional<wm::Model> path_or_none(const std::string& path) {
  return path.empty() ? std::nullopt : std::optional(wm::Model{path});
}

}  // namespace wmk::python

NB_MODULE(_core, module) {
  using namespace wmk::python;
  module.def("version", [] { return std::string(wm::version()); });
  nb::class_<wm::Key>(module, "Key")
      .def_static("generate", [] { return value(wm::Key::generate()); })
      .def_static(
          "read",
          [](const std::string& path, const std::string& passphrase) {
            return value(wm::Key::read(path, passphrase));
          },
          nb::arg("path"), nb::arg("passphrase") = "")
      .def(
          "write",
          [](const wm::Key& key, const std::string& path, const std::string& passphrase) {
            value(key.write(path, passphrase));
          },
          nb::arg("path"), nb::arg("passphrase") = "")
      .def("__repr__", [](const wm::Key& key) { return "<Key " + key.fingerprint() + ">"; })
      .def_prop_ro("fingerprint", &wm::Key::fingerprint);
  add_marks(module);
  add_arbitrate(module);
  add_compare(module);
  add_inspect(module);
  add_logits(module);
  add_sign(module);
  add_trace(module);
}
