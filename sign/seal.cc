#include "sign/seal.h"

#include <algorithm>

#include "base/text.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/envelope.h"
#include "sign/manifest/path_rules.h"
#include "sign/manifest/shared_hashes.h"

namespace wmk::sign {

namespace {

// Why a file cannot be listed in a manifest; empty if it can.
std::string entry_fault(const TreeEntry& entry) {
  if (entry.kind == EntryKind::link) return "is a symbolic link, which cannot be signed";
  if (entry.kind == EntryKind::special) return "is neither a file nor a folder";
  if (entry.name == kSingleFileName) return {};
  return std::string(name_fault(entry.name));
}

// The files to sign; all others are added to `seal.uncovered`.
Result<std::vector<const TreeEntry*>> covered_files(const ModelTree& tree, Seal& seal) {
  std::vector<const TreeEntry*> files;
  for (const TreeEntry& entry : tree.entries()) {
    if (!entry.ignored_by.empty()) {
      add_uncovered(seal.uncovered, entry, "ignored");
      if (is_weights(tree, entry)) {
        seal.notes.push_back(cat(escaped(entry.name), ": is a weights file and is not signed"));
      }
      continue;
    }
    if (is_other_bundle(tree, entry)) {
      add_uncovered(seal.uncovered, entry, "bundle");
      seal.statement.ignore_paths.push_back(entry.name);
      continue;
    }
    if (const std::string fault = entry_fault(entry); !fault.empty()) {
      return Error(ErrorCode::unsupported, cat(escaped(entry.name), ": ", fault))
          .with_hint("use --ignore-paths to leave it out");
    }
    files.push_back(&entry);
  }
  if (files.empty()) return Error(ErrorCode::invalid_argument, "there are no files to sign");
  return files;
}

Status add_resources(const ModelTree& tree, const std::vector<const TreeEntry*>& files,
                     const SealRequest& request, Seal& seal) {
  const Hash hash = seal.statement.hash;
  auto hashed = request.is_shared
                    ? hash_files_together(tree, files, hash, request.threads, request.progress)
                    : Result(hash_files(tree, files, hash, request.threads, request.progress));
  if (!hashed) return std::move(hashed).error();
  auto& digests = *hashed;
  for (size_t i = 0; i < files.size(); ++i) {
    if (digests[i].digest.empty()) {
      return Error(ErrorCode::io, cat(escaped(files[i]->name), ": ", digests[i].text));
    }
    seal.statement.resources.push_back({files[i]->name, std::move(digests[i].digest)});
    seal.states.push_back(digests[i].state);
    seal.bytes += files[i]->bytes;
  }
  seal.statement.root = root_digest(seal.statement.resources);
  return {};
}

}  // namespace

Result<std::string> bundle_for(std::string payload, const PrivateKey& key,
                               const std::vector<Bytes>& certificates) {
  Bundle bundle;
  bundle.payload = std::move(payload);
  auto signature = key.sign(as_bytes(pre_authentication(kPayloadType, bundle.payload)));
  if (!signature) return std::move(signature).error();
  bundle.signature = std::move(*signature);
  bundle.certificates = certificates;
  bundle.material =
      bundle.certificates.empty() ? Bundle::Material::public_key : Bundle::Material::certificates;
  bundle.hint = key.public_key().hint();
  return bundle_text(bundle);
}

Result<Seal> manifest_of(const SealRequest& request) {
  auto ignored = ignored_names(request.model, request.ignore_paths);
  if (!ignored) return std::move(ignored).error();
  TreeOptions options{*ignored, name_inside(request.model, request.signature)};
  auto tree = ModelTree::walk(request.model, options);
  if (!tree) return std::move(tree).error();
  Seal seal;
  seal.statement.subject = model_name(request.model);
  if (!tree->is_single_file()) {
    seal.statement.ignore_paths = std::move(*ignored);
    if (!options.seal.empty()) seal.statement.ignore_paths.push_back(options.seal);
  }
  const std::string model = escaped(request.model.string());
  auto files = covered_files(*tree, seal);
  if (!files) return std::move(files).error().within(model);
  std::ranges::sort(seal.statement.ignore_paths);
  auto status = add_resources(*tree, *files, request, seal);
  if (!status) return std::move(status).error().within(model);
  return seal;
}

Result<Seal> seal_model(const SealRequest& request) {
  auto seal = manifest_of(request);
  if (!seal) return seal;
  auto bundle = bundle_for(statement_text(seal->statement), *request.key, request.certificates);
  if (!bundle) return std::move(bundle).error();
  seal->bundle = std::move(*bundle);
  return seal;
}

}  // namespace wmk::sign
