#include "weightmark/sign.h"

#include "base/file.h"
#include "base/text.h"
#include "library/facade/passphrase.h"
#include "library/facade/run_progress.h"
#include "library/models/bundle_output.h"
#include "sign/seal.h"
#include "sign/verify_model.h"

namespace weightmark {

namespace {

namespace fs = std::filesystem;
namespace library = wmk::library;
namespace seals = wmk::sign;

std::vector<fs::path> paths_of(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

std::vector<Uncovered> public_uncovered(const std::vector<seals::Uncovered>& list) {
  std::vector<Uncovered> out;
  for (const auto& each : list) out.push_back({each.path, each.files, each.bytes, each.why});
  return out;
}

wmk::Result<Signed> sign_with(const std::string& model, const std::string& private_key,
                              const std::string& signature, const SignOptions& options,
                              const Run& run) {
  auto status = library::can_write_bundle(signature, options.replace, "'replace'");
  if (!status) return std::move(status).error();
  std::error_code failure;
  if (!fs::exists(model, failure)) {
    return wmk::Error(wmk::ErrorCode::io, wmk::cat(wmk::escaped(model), ": no such model"));
  }
  const auto key =
      seals::PrivateKey::read(private_key, library::passphrase_source(options.passphrase));
  if (!key) return key.error();
  library::RunProgress progress(run);
  seals::SealRequest request;
  request.model = model;
  request.signature = signature;
  request.ignore_paths = paths_of(options.ignore_paths);
  request.key = &*key;
  request.threads = library::threads_of(run);
  request.progress = &progress;
  const auto seal = seals::seal_model(request);
  if (!seal) return seal.error();
  status = wmk::write_whole(signature, wmk::as_bytes(seal->bundle), 0644, options.replace);
  if (!status) return std::move(status).error();
  Signed out;
  out.signature = signature;
  out.key = key->public_key().hint();
  out.curve = key->public_key().curve();
  out.root = wmk::to_hex(seal->statement.root);
  out.covered_files = seal->statement.resources.size();
  out.covered_bytes = seal->bytes;
  out.uncovered = public_uncovered(seal->uncovered);
  out.notes = seal->notes;
  return out;
}

Verification public_verification(const seals::Verification& found) {
  Verification out;
  out.good = found.good();
  out.signature_holds = found.authentic;
  for (const auto& each : found.findings.reasons) {
    out.reasons.push_back({std::string(to_string(each.code)), each.path, each.text});
  }
  out.notes = found.findings.notes;
  out.signed_name = found.signed_name;
  out.root = found.root;
  out.key = found.key_hint;
  out.signed_files = found.signed_files;
  out.covered_files = found.covered.size();
  out.covered_bytes = found.covered_bytes;
  out.uncovered = public_uncovered(found.uncovered);
  out.ignore_paths = found.ignore_paths;
  return out;
}

wmk::Result<Verification> verify_with(const std::string& model, const std::string& signature,
                                      const std::string& public_key, const VerifyOptions& options,
                                      const Run& run) {
  const auto key = seals::PublicKey::read(public_key);
  if (!key) return key.error();
  library::RunProgress progress(run);
  seals::VerifyRequest request;
  request.model = model;
  request.signature = signature;
  request.key = &*key;
  request.ignore_paths = paths_of(options.ignore_paths);
  request.ignore_unsigned_files = options.ignore_unsigned_files;
  request.allow_uncovered = options.allow_uncovered;
  request.allow_symlinks = options.allow_symlinks;
  request.threads = library::threads_of(run);
  request.progress = &progress;
  const auto found = seals::verify_model(request);
  if (!found) return found.error();
  return public_verification(*found);
}

}  // namespace

Result<Signed> sign(const std::string& model, const std::string& private_key,
                    const std::string& signature, const SignOptions& options, const Run& run) {
  return library::timed<Signed>(
      [&] { return sign_with(model, private_key, signature, options, run); });
}

Result<Verification> verify(const std::string& model, const std::string& signature,
                            const std::string& public_key, const VerifyOptions& options,
                            const Run& run) {
  return library::timed<Verification>(
      [&] { return verify_with(model, signature, public_key, options, run); });
}

}  // namespace weightmark
