// claim acquire: the arbitrator writes down where a suspect came from, when it is acquired.
#include <ctime>

#include "base/file.h"
#include "base/text.h"
#include "claims/arbitrate/acquisition.h"
#include "cli/claims/commitment_text.h"
#include "sign/keyless/time_range.h"
#include "sign/keys/timestamp.h"

namespace wmk::cli {

namespace {

struct AcquireOptions {
  CommonOptions common;
  std::string model, source, acquirer, published, vouched_by, voucher, seal, out;
  std::vector<std::string> ancestors, access, ignore_paths;
  bool none_shared = false, force = false;
};

Result<json::Writer*> add_ancestor(const std::string& text, json::Writer& out) {
  const size_t first = text.find('='), second = text.find('=', first + 1);
  const std::string published = text.substr(first + 1, second - first - 1);
  if (first == std::string::npos || !sign::parse_time(published, sign::Rounding::down)) {
    return Error(ErrorCode::invalid_argument,
                 cat("--ancestor needs NAME=TIME or NAME=TIME=ROOT, not '", escaped(text), "'"));
  }
  out.begin_object().member("name", text.substr(0, first)).member("published", published);
  if (second != std::string::npos) out.member("root", text.substr(second + 1));
  return &out.end_object();
}

// The list is left out unless ancestors were examined: not examined is not the same as none.
Status add_ancestors(const AcquireOptions& options, json::Writer& out) {
  if (options.ancestors.empty() && !options.none_shared) return {};
  out.key("ancestors").begin_array();
  for (const std::string& each : options.ancestors) {
    if (auto added = add_ancestor(each, out); !added) return std::move(added).error();
  }
  out.end_array();
  return {};
}

Result<std::string> acquisition_text(const AcquireOptions& options) {
  const auto seal = manifest_of(options.model, options.ignore_paths, options.common);
  if (!seal) return Error(seal.error()).within(escaped(options.model));
  json::Writer out;
  out.begin_object().member("schema", "weightmark/acquisition/v1");
  out.member("source", options.source).member("acquirer", options.acquirer);
  out.member("acquired", sign::time_text(std::time(nullptr)));
  if (!options.published.empty()) out.member("published", options.published);
  out.member("vouched_by", options.vouched_by).member("voucher", options.voucher);
  out.member("root", to_hex(seal->statement.root));
  if (!options.seal.empty()) out.member("seal", options.seal);
  if (auto status = add_ancestors(options, out); !status) return std::move(status).error();
  out.key("access").begin_array();
  for (const std::string& each : options.access) out.value(each);
  return out.end_array().end_object().finish();
}

int acquire(const AcquireOptions& options) {
  Status status = try_output(options.out, options.force);
  if (!status) return fail(status.error());
  auto text = acquisition_text(options);
  if (!text) return fail(text.error());
  // What is written is what arbitrate will accept.
  const auto parsed = claims::parse_acquisition(*text);
  if (!parsed) return fail(parsed.error());
  status = write_whole(options.out, as_bytes(*text), 0644, options.force);
  if (!status) return fail(status.error());
  say(options.common.json ? *text
                          : cat("acquired: ", escaped(options.out), " describes ",
                                escaped(options.model), "\n  root ", to_hex(parsed->root),
                                "\n  acquired ", sign::time_text(parsed->acquired),
                                "\n  vouched for by ", custody_words(parsed->custody), "\n"));
  return kYes;
}

}  // namespace

void add_acquire(Command claim, Action& action) {
  auto options = std::make_shared<AcquireOptions>();
  Command command =
      claim.add_subcommand("acquire", "write down where a suspect came from (for arbitrate)");
  command.example(
      "weightmark claim acquire suspect --source https://example.org/model --acquirer "
      "\"the court\" --vouched-by arbitrator --voucher \"downloaded by the clerk\" "
      "--no-ancestors -o suspect.json");
  command.add_option("model", options->model, "the suspect, as it was acquired").required();
  command.add_option("--source", options->source, "where it was found").required();
  command.add_option("--acquirer", options->acquirer, "who took it").required();
  command.add_option("--vouched-by", options->vouched_by, "who says that it is the accused party's")
      .required()
      .one_of({"accused_signature", "platform_digest", "arbitrator", "claimant"});
  command.add_option("--voucher", options->voucher, "the same in words").required();
  command.add_option("--published", options->published,
                     "when it was published: 2026-01-31T12:00:00Z (default: not known)");
  command.add_option("--seal", options->seal,
                     "the accused party's signature bundle, relative to the file that is written");
  command.add_option("--ancestor", options->ancestors,
                     "a public model that it descends from, NAME=TIME or NAME=TIME=ROOT "
                     "(repeatable)");
  command.add_flag("--no-ancestors", options->none_shared,
                   "it was examined, and shares nothing with a public model");
  command.add_option("--access", options->access, "who else had the files (repeatable)");
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder to leave out of its root; may be repeated");
  command.add_option("-o,--out", options->out, "file to write").required();
  command.add_flag("--force", options->force, "replace an existing file");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return acquire(*options); }; });
}

}  // namespace wmk::cli
