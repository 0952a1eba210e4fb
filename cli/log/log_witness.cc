// `log witness-request` and `log attach`: a log asks its witnesses.
#include "base/file.h"
#include "base/text.h"
#include "claims/log/appender.h"
#include "claims/log/witness.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

struct RequestOptions {
  std::string folder, out;
  uint64_t old_size = 0;
  bool force = false, json = false;
};

Result<claims::WitnessRequest> make_request(const RequestOptions& options) {
  const claims::TileStore store(options.folder);
  auto text = store.checkpoint();
  if (!text) return std::move(text).error();
  const auto checkpoint = claims::parse_signed_checkpoint(*text);
  if (!checkpoint) return Error(checkpoint.error()).within("checkpoint");
  const uint64_t size = checkpoint->checkpoint.head.size;
  if (options.old_size > size) {
    return Error(ErrorCode::invalid_argument,
                 cat("--old ", options.old_size, " is more than the log's ", entries_text(size)));
  }
  claims::WitnessRequest out{options.old_size, {}, std::move(*text)};
  if (out.old_size != 0) {
    auto path = claims::LogTree(store, size).consistency(out.old_size);
    if (!path) return std::move(path).error();
    out.path = std::move(*path);
  }
  return out;
}

int request_cosignature(const RequestOptions& options) {
  const auto request = make_request(options);
  if (!request) return fail(request.error());
  const auto status = write_whole(options.out, as_bytes(claims::witness_request_text(*request)),
                                  0644, options.force);
  if (!status) return fail(status.error());
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/log-witness-request/v1");
    say(out.member("path", options.out).member("old", request->old_size).end_object().finish());
    return kYes;
  }
  const std::string name = escaped(options.out);
  say(cat("request: ", name, " is for a witness that knows ", entries_text(request->old_size),
          "\n  next: curl --data-binary @", name, " URL/add-checkpoint > ANSWER\n        ",
          "weightmark log attach ", escaped(options.folder), " ANSWER --policy POLICY\n"));
  return kYes;
}

struct AttachOptions {
  std::string folder, answer;
  LogTrustOptions trust;
  bool json = false;
};

std::string attached_text(const AttachOptions& options, size_t added,
                          const claims::LogReasons& reasons) {
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/log-attach/v1").member("path", options.folder);
    out.member("added", static_cast<uint64_t>(added));
    write_reasons(reasons, out);
    return out.end_object().finish();
  }
  if (added != 0) {
    return cat("attached: ", added, added == 1 ? " cosignature" : " cosignatures",
               " to the checkpoint of ", escaped(options.folder), "\n");
  }
  return cat("nothing attached: ", escaped(options.answer),
             " has no new valid cosignature by a witness of the policy\n", reasons_text(reasons));
}

int attach_cosignatures(const AttachOptions& options) {
  const auto policy = read_log_trust(options.trust);
  if (!policy) return fail(policy.error());
  const auto answer = read_text(options.answer, crypto::kNoteBytesMax);
  if (!answer) return fail(answer.error());
  const auto lock = claims::LogLock::take(options.folder);
  if (!lock) return fail(lock.error());
  const auto note = claims::TileStore(options.folder).checkpoint();
  if (!note) return fail(note.error());
  claims::LogReasons reasons;
  const auto attached = claims::attach(*note, *answer, *policy, reasons);
  if (!attached) return fail(Error(attached.error()).within(escaped(options.answer)));
  const size_t added = *attached ? (*attached)->added : 0;
  if (added != 0) {
    const auto status = write_whole(std::filesystem::path(options.folder) / "checkpoint",
                                    as_bytes((*attached)->note), 0644, true);
    if (!status) return fail(status.error());
  }
  say(attached_text(options, added, reasons));
  return added != 0 ? kYes : kNo;
}

}  // namespace

void add_log_witness_request(Command log, Action& action) {
  auto options = std::make_shared<RequestOptions>();
  Command command =
      log.add_subcommand("witness-request", "write what a witness is asked to cosign");
  command.example("weightmark log witness-request log --old 0 -o request");
  command.add_option("log", options->folder, "folder of the log").required();
  command.add_option("--old", options->old_size,
                     "entries of the log that the witness cosigned last (default: 0)");
  command.add_option("-o,--out", options->out, "request to write").required();
  command.add_flag("--force", options->force, "replace an existing file");
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback(
      [options, &action] { action = [options] { return request_cosignature(*options); }; });
}

void add_log_attach(Command log, Action& action) {
  auto options = std::make_shared<AttachOptions>();
  Command command = log.add_subcommand("attach", "add a witness's answer to the log's checkpoint");
  command.example("weightmark log attach log answer --policy policy");
  command.add_option("log", options->folder, "folder of the log").required();
  command.add_option("answer", options->answer, "what the witness answered").required();
  add_log_trust_options(command, options->trust);
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback(
      [options, &action] { action = [options] { return attach_cosignatures(*options); }; });
}

}  // namespace wmk::cli
