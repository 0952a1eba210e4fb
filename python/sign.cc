// sign() and verify() of the facade.
#include "python/parts.h"

namespace wmk::python {

namespace {

using namespace nb::literals;

nb::list uncovered_rows(const std::vector<wm::Uncovered>& list) {
  return rows(list, [](const wm::Uncovered& each) {
    return nb::make_tuple(each.path, each.files, each.bytes, each.why);
  });
}

nb::dict as_dict(const wm::Signed& made) {
  nb::dict out;
  out["signature"] = made.signature;
  out["key"] = made.key;
  out["curve"] = made.curve;
  out["root"] = made.root;
  out["covered_files"] = made.covered_files;
  out["covered_bytes"] = made.covered_bytes;
  out["uncovered"] = uncovered_rows(made.uncovered);
  out["notes"] = made.notes;
  out["seconds"] = made.seconds;
  return out;
}

nb::dict as_dict(const wm::Verification& found) {
  nb::dict out;
  out["good"] = found.good;
  out["signature_holds"] = found.signature_holds;
  out["reasons"] = rows(found.reasons, [](const wm::Reason& each) {
    return nb::make_tuple(each.code, each.path, each.text);
  });
  out["notes"] = found.notes;
  out["signed_name"] = found.signed_name;
  out["root"] = found.root;
  out["key"] = found.key;
  out["signed_files"] = found.signed_files;
  out["covered_files"] = found.covered_files;
  out["covered_bytes"] = found.covered_bytes;
  out["uncovered"] = uncovered_rows(found.uncovered);
  out["ignore_paths"] = found.ignore_paths;
  out["seconds"] = found.seconds;
  return out;
}

nb::dict sign(const std::string& model, const std::string& private_key,
              const std::string& signature, const std::string& passphrase,
              const std::vector<std::string>& ignore_paths, bool replace, unsigned threads,
              const nb::object& told) {
  const wm::SignOptions options{passphrase, ignore_paths, replace};
  return as_dict(without_gil(threads, told, [&](const wm::Run& run) {
    return wm::sign(model, private_key, signature, options, run);
  }));
}

nb::dict verify(const std::string& model, const std::string& signature,
                const std::string& public_key, const std::vector<std::string>& ignore_paths,
                bool ignore_unsigned_files, bool allow_uncovered, bool allow_symlinks,
                unsigned threads, const nb::object& told) {
  const wm::VerifyOptions options{ignore_paths, ignore_unsigned_files, allow_uncovered,
                                  allow_symlinks};
  return as_dict(without_gil(threads, told, [&](const wm::Run& run) {
    return wm::verify(model, signature, public_key, options, run);
  }));
}

}  // namespace

void add_sign(nb::module_& module) {
  module.def("sign", sign, "model"_a, "private_key"_a, "signature"_a, "passphrase"_a,
             "ignore_paths"_a, "replace"_a, "threads"_a, "told"_a.none());
  module.def("verify", verify, "model"_a, "signature"_a, "public_key"_a, "ignore_paths"_a,
             "ignore_unsigned_files"_a, "allow_uncovered"_a, "allow_symlinks"_a, "threads"_a,
             "told"_a.none());
}

}  // namespace wmk::python
