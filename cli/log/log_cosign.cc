// `log cosign`: a witness answers a log.
#include <ctime>

#include "base/file.h"
#include "base/text.h"
#include "claims/log/witness.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

struct CosignOptions {
  std::string request, key, state, out;
  LogTrustOptions trust;
  bool force = false, json = false;
};

std::string cosigned_text(const CosignOptions& options, const claims::Cosignature& made) {
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/log-cosign/v1").member("verdict", "good");
    out.member("path", options.out).member("origin", made.origin).member("size", made.head.size);
    return out.member("root", to_hex(made.head.root)).end_object().finish();
  }
  return cat("cosigned: ", escaped(made.origin), " with ", entries_text(made.head.size), ", in ",
             escaped(options.out), "\n  next: weightmark log attach LOG ", escaped(options.out),
             " --policy POLICY\n");
}

std::string refused_text(const CosignOptions& options, const claims::LogReasons& reasons) {
  if (!options.json) {
    return cat("refused: ", escaped(options.request), " was not cosigned\n", reasons_text(reasons));
  }
  json::Writer out;
  out.begin_object().member("schema", "weightmark/log-cosign/v1").member("verdict", "bad");
  write_reasons(reasons, out);
  return out.end_object().finish();
}

int cosign_request(const CosignOptions& options) {
  const auto policy = read_log_trust(options.trust);
  if (!policy) return fail(policy.error());
  const auto signer = read_note_signer(options.key);
  if (!signer) return fail(signer.error());
  const auto text = read_text(options.request, claims::kRequestBytesMax);
  if (!text) return fail(text.error());
  const auto request = claims::parse_witness_request(*text);
  if (!request) return fail(Error(request.error()).within(escaped(options.request)));
  auto status = try_output(options.out, options.force);
  if (!status) return fail(status.error());
  claims::LogReasons reasons;
  const auto now = static_cast<uint64_t>(std::time(nullptr));
  const auto made = claims::cosign(*request, {*signer, *policy, options.state, now}, reasons);
  if (!made) return fail(Error(made.error()).within(escaped(options.request)));
  if (!*made) {
    say(refused_text(options, reasons));
    return kNo;
  }
  status = write_whole(options.out, as_bytes((*made)->line), 0644, options.force);
  if (!status) return fail(status.error());
  say(cosigned_text(options, **made));
  return kYes;
}

}  // namespace

void add_log_cosign(Command log, Action& action) {
  auto options = std::make_shared<CosignOptions>();
  Command command =
      log.add_subcommand("cosign", "as a witness, cosign a log that continues what you cosigned");
  command.example(
      "weightmark log cosign request --witness-key witness.key --state witnessed --vkey "
      "\"$(cat log.vkey)\" -o answer");
  command.add_option("request", options->request, "the log's request").required();
  command.add_option("--witness-key", options->key, "key of the witness").required();
  command
      .add_option("--state", options->state,
                  "folder that remembers what this witness cosigned; made if it does not exist")
      .required();
  add_log_trust_options(command, options->trust);
  command.add_option("-o,--out", options->out, "answer to write").required();
  command.add_flag("--force", options->force, "replace an existing file");
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return cosign_request(*options); }; });
}

}  // namespace wmk::cli
