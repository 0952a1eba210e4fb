#include "cli/claims/commitment_text.h"

#include "base/text.h"
#include "library/models/on_disk.h"

namespace wmk::cli {

std::string sites_text(const embed::Sites& sites) {
  std::string out;
  for (const embed::Site site : embed::kSites) {
    if (sites[site]) out += cat(out.empty() ? "" : ",", to_string(site));
  }
  return out;
}

std::string commitment_lines(const claims::Commitment& commitment, ByteView digest) {
  const claims::CommittedMark& mark = commitment.mark;
  return cat("  digest ", to_hex(digest), "\n  base ", escaped(commitment.subject), ", root ",
             to_hex(commitment.base), "\n  mark key ", escaped(commitment.key), ", ", mark.scheme,
             ": strength ", mark.strength, ", ", mark.shares,
             mark.shares == 1 ? " share" : " shares", ", sites ", sites_text(mark.sites),
             "\n  alpha ", commitment.alpha, ", lambda ", commitment.lambda, ", verdict rules ",
             to_hex(commitment.rules).substr(0, 16), "...\n  previous commitment: ",
             commitment.previous ? to_hex(*commitment.previous) : std::string("none"), "\n");
}

void write_commitment(const claims::Commitment& commitment, ByteView digest, json::Writer& out) {
  const claims::CommittedMark& mark = commitment.mark;
  out.member("digest", to_hex(digest)).member("base", commitment.subject);
  out.member("base_root", to_hex(commitment.base)).member("key", commitment.key);
  out.member("scheme", mark.scheme).member("strength", mark.strength);
  out.member("shares", static_cast<uint64_t>(mark.shares));
  out.member("sites", sites_text(mark.sites)).member("alpha", commitment.alpha);
  out.member("lambda", commitment.lambda).member("rules", to_hex(commitment.rules));
  out.member("tree_root", to_hex(commitment.root)).member("signer", commitment.signer);
  out.key("previous");
  commitment.previous ? out.value(to_hex(*commitment.previous)) : out.null();
}

Result<sign::Seal> manifest_of(const std::string& model,
                               const std::vector<std::string>& ignore_paths,
                               const CommonOptions& common) {
  ProgressBar bar(shows_progress(common.progress, common.quiet));
  return library::manifest_of(model, ignore_paths, common.thread_count(), &bar);
}

Result<OpenedSigner> open_signer(const SignerOptions& options) {
  if (Status status = check_signer_options(options); !status) return std::move(status).error();
  auto key = load_private_key(options);
  if (!key) return std::move(key).error();
  auto chain = load_chain(options, key->public_key());
  if (!chain) return std::move(chain).error();
  return OpenedSigner{*std::move(key), *std::move(chain)};
}

}  // namespace wmk::cli
