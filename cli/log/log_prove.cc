// `log prove`.
#include "base/file.h"
#include "base/text.h"
#include "claims/log/policy.h"
#include "claims/log/tile_store.h"
#include "claims/log/tlog_proof.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

struct ProveOptions {
  std::string folder, bundle, public_key, out;
  std::optional<unsigned> index;
  bool force = false, json = false;
};

Result<uint64_t> index_to_prove(const ProveOptions& options, const claims::LogTree& tree) {
  if (options.index) {
    if (*options.index < tree.size()) return uint64_t{*options.index};
    return Error(ErrorCode::invalid_argument,
                 cat("there is no entry ", *options.index, ": the log has ", tree.size()));
  }
  const auto entries = read_entries({options.bundle}, options.public_key);
  if (!entries) return entries.error();
  if (entries->size() != 1) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(options.bundle), ": has ", entries->size(), " bundles, not one"));
  }
  const auto found = tree.find(crypto::tree_leaf(as_bytes(entries->front().entry)));
  if (!found) return found.error();
  if (*found) return **found;
  return Error(ErrorCode::invalid_argument,
               cat(escaped(options.bundle), ": the log has no entry of this bundle"))
      .with_hint("'weightmark log append' adds one");
}

struct MadeProof {
  claims::TlogProof proof;
  std::string origin;
  uint64_t size;
};

Result<MadeProof> make_proof(const ProveOptions& options) {
  const claims::TileStore store(options.folder);
  auto text = store.checkpoint();
  if (!text) return std::move(text).error();
  const auto signed_note = claims::parse_signed_checkpoint(*text);
  if (!signed_note) return Error(signed_note.error()).within("checkpoint");
  const crypto::LogCheckpoint& checkpoint = signed_note->checkpoint;
  const uint64_t size = checkpoint.head.size;
  claims::LogTree tree(store, size);
  const auto index = index_to_prove(options, tree);
  if (!index) return index.error();
  const auto leaf = tree.leaf(*index);
  if (!leaf) return leaf.error();
  auto path = tree.inclusion(*index);
  if (!path) return std::move(path).error();
  if (crypto::root_by_inclusion(*leaf, *index, size, *path) != checkpoint.head.root) {
    return malformed("the tiles do not lead to the checkpoint's root")
        .with_hint("'weightmark log verify' finds the tile");
  }
  return MadeProof{
      {std::nullopt, *index, std::move(*path), std::move(*text)}, checkpoint.origin, size};
}

int prove(const ProveOptions& options) {
  if (options.bundle.empty() != options.index.has_value()) {
    return fail(Error(ErrorCode::invalid_argument, "what to prove: a bundle or --index, not both"));
  }
  const auto made = make_proof(options);
  if (!made) return fail(made.error());
  const auto status =
      write_whole(options.out, as_bytes(claims::tlog_proof_text(made->proof)), 0644, options.force);
  if (!status) return fail(status.error());
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/log-prove/v1").member("path", options.out);
    out.member("origin", made->origin).member("index", made->proof.index);
    say(out.member("size", made->size).end_object().finish());
    return kYes;
  }
  say(cat("proof: ", escaped(options.out), " shows that ", escaped(made->origin), " has entry ",
          made->proof.index, " of ", made->size, "\n  next: weightmark log check ",
          escaped(options.out), " ", options.bundle.empty() ? "BUNDLE" : escaped(options.bundle),
          options.public_key.empty() ? "" : cat(" --public-key ", escaped(options.public_key)),
          " --policy POLICY\n"));
  return kYes;
}

}  // namespace

void add_log_prove(Command log, Action& action) {
  auto options = std::make_shared<ProveOptions>();
  Command command = log.add_subcommand("prove", "write a proof that the log has an entry");
  command.example(
      "weightmark log prove log mark.commitment.sigstore.json --public-key release.pub -o "
      "mark.tlog-proof");
  command.add_option("log", options->folder, "folder of the log").required();
  command.add_option("bundle", options->bundle, "bundle whose entry is proven");
  command.add_option("--index", options->index, "the entry's index, in place of a bundle");
  command.add_option("--public-key", options->public_key,
                     "PEM key of the signer, for a bundle without a certificate");
  command.add_option("-o,--out", options->out, "proof to write (.tlog-proof)").required();
  command.add_flag("--force", options->force, "replace an existing file");
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return prove(*options); }; });
}

}  // namespace wmk::cli
