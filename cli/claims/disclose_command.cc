// disclose: opens one share of a commitment for one recipient.
#include "base/file.h"
#include "base/text.h"
#include "claims/commit/claims_file.h"
#include "cli/claims/commitment_text.h"
#include "cli/inputs.h"
#include "sign/bundle/bundle.h"

namespace wmk::cli {

namespace {

struct DiscloseOptions {
  KeyOptions key;
  SignerOptions signer;
  std::string commitment, share, recipient, case_id, out;
  bool force = false, json = false;
};

Result<unsigned> share_of(const std::string& text) {
  if (text == "trace") {
    return Error(ErrorCode::invalid_argument,
                 "the trace cannot be disclosed: it would open the marks of all licensees");
  }
  if (text.size() == 1 && text[0] >= '0' && text[0] < '0' + static_cast<int>(embed::kSharesMax)) {
    return static_cast<unsigned>(text[0] - '0');
  }
  return Error(ErrorCode::invalid_argument,
               cat("--share must be 0, 1, 2 or 3, not '", escaped(text), "'"));
}

// Shares that stay secret, as far as this program knows.
std::string left_text(unsigned shares, unsigned spent) {
  std::string list;
  for (unsigned share = 0; share < shares; ++share) {
    if (share != spent) list += cat(list.empty() ? "" : ", ", share);
  }
  return list.empty()
             ? std::string("no other share is left: the mark proves nothing new after this")
             : cat("not opened by this file: ", list);
}

std::string disclose_json(const DiscloseOptions& options, unsigned share, ByteView digest,
                          ByteView commitment) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/disclose/v1");
  out.member("disclosure", options.out).member("digest", to_hex(digest));
  out.member("commitment", to_hex(commitment)).member("share", static_cast<uint64_t>(share));
  out.member("to", options.recipient).member("case", options.case_id);
  out.key("burnt").begin_array().value(claims::leaf_label(share)).end_array();
  return out.end_object().finish();
}

std::string disclose_text(const DiscloseOptions& options, unsigned share, unsigned shares,
                          ByteView digest) {
  const std::string path = escaped(options.out);
  return cat("disclosed: ", path, " opens share ", share, " to ", escaped(options.recipient),
             " for case ", escaped(options.case_id), "\n  digest ", to_hex(digest),
             "\n  burnt: share ", share,
             ": whoever reads this file can find, remove and plant it;\n    a suspect first seen "
             "after the disclosure proves nothing by this share\n  ",
             left_text(shares, share), "\n  next: log ", path,
             " before you hand it over, then: weightmark detect SUSPECT --disclosure ", path, "\n");
}

int disclose_share(const DiscloseOptions& options) {
  const auto share = share_of(options.share);
  if (!share) return fail(share.error());
  Status status = try_output(options.out, options.force);
  if (!status) return fail(status.error());
  auto text = read_text(options.commitment, sign::kBundleBytesMax);
  if (!text) return fail(text.error());
  const auto key = load_key(options.key);
  if (!key) return fail(key.error());
  const auto signer = open_signer(options.signer);
  if (!signer) return fail(signer.error());
  const auto checked = own_commitment(options.commitment, signer->key.public_key());
  if (!checked) return fail(checked.error());
  const claims::Commitment& commitment = *checked->commitment;
  const auto made = claims::disclose(
      {commitment, checked->digest, *key, *share, options.recipient, options.case_id},
      signer->signer());
  if (!made) return fail(made.error());
  const auto line = claims::one_line(*std::move(text));
  if (!line) return fail(line.error());
  const std::string both = cat(made->bundle, *line, "\n");
  status = write_whole(options.out, as_bytes(both), 0600, options.force);
  if (!status) return fail(status.error());
  say(options.json ? disclose_json(options, *share, made->digest, checked->digest)
                   : disclose_text(options, *share, commitment.mark.shares, made->digest));
  return kYes;
}

}  // namespace

void add_disclose_command(Command app, Action& action) {
  auto options = std::make_shared<DiscloseOptions>();
  Command command = app.add_subcommand("disclose", "open one share of a commitment for a case");
  command.example(
      "weightmark disclose --key owner.key --private-key release.key --commitment "
      "mark.commitment.sigstore.json --share 0 --to \"the court\" --case 2031-7 -o "
      "share.jsonl");
  add_key_options(command, options->key);
  command.add_option("--commitment", options->commitment, "the commitment's bundle").required();
  add_signer_options(command, options->signer).required();
  command.add_option("--share", options->share, "the share to open: 0 to 3").required();
  command.add_option("--to", options->recipient, "who will read it").required();
  command.add_option("--case", options->case_id, "the case that it is for").required();
  command.add_option("-o,--out", options->out, "file to write (mode 0600)").required();
  command.add_flag("--force", options->force, "replace an existing file");
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return disclose_share(*options); }; });
}

}  // namespace wmk::cli
