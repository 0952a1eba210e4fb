#include "base/text.h"
#include "cli/mark_options.h"
#include "cli/model/embed_view.h"
#include "embed/licensees/register.h"
#include "embed/scheme/fitting_record.h"
#include "embed/scheme/keys.h"
#include "mpi/processes.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string model, out, record, licensee, from_register;
  MarkOptions mark;
  std::string verify;
  bool dry_run = false;
  bool force = false;
  bool resume = false;
  bool allow_skipped = false;
  checkpoint::CompanionChoices companions;
};

Status fill_mark(const Options& options, embed::EmbedRequest& request) {
  auto choice = mark_choice(options.mark);
  if (!choice) return std::move(choice).error();
  request.sites = choice->sites;
  request.strength = choice->strength;
  request.shares = choice->shares;
  if (options.verify.empty()) return {};
  if (options.verify != "output") {
    return Error(ErrorCode::invalid_argument,
                 cat("--verify must be 'output', not '", escaped(options.verify), "'"))
        .with_hint("the other sites are always read back");
  }
  request.read_back_output = true;
  return {};
}

Status fill_request(const Options& options, embed::EmbedRequest& request) {
  if (Status status = fill_mark(options, request); !status) return status;
  if (!options.licensee.empty()) request.licensee = options.licensee;
  request.out = options.out;
  request.record = options.record.empty() ? embed::default_record_path(request.out)
                                          : std::filesystem::path(options.record);
  request.replace = options.force;
  request.resume = options.resume;
  request.companions = options.companions;
  request.allow_skipped = options.allow_skipped;
  request.threads = options.common.thread_count();
  return {};
}

// A licensee who is not in the register is an error.
Status check_registered(const Options& options, const crypto::SecretBytes& key) {
  if (options.from_register.empty()) return {};
  auto read = embed::read_register(options.from_register);
  if (!read) return std::move(read).error();
  const auto opening = embed::opening_of(*read, options.licensee, key);
  if (embed::opened_entry(*read, opening)) return {};
  return Error(ErrorCode::invalid_argument,
               cat("licensee '", escaped(options.licensee), "' is not in the register"))
      .with_hint("add the id: weightmark licensees REGISTER --key KEY --add IDS");
}

// Heads that the mark leaves out.
void note_heads(const checkpoint::Heads& heads) {
  if (!heads.missing.empty()) {
    note(cat("attention heads are not marked, only the FFN is: ", heads.missing));
  } else if (!heads.skipped.empty()) {
    note(cat("attention heads of ", heads.skipped.size(), " layers are not marked; layer ",
             heads.skipped[0].layer, ": ", heads.skipped[0].reason));
  }
}

// What an interrupted run left.
void note_resume(const embed::ResumeReport& found) {
  if (found.kept > 0) {
    note(cat("resumed: ", found.kept, " of ", found.shards,
             " shards were finished and are verified"));
  }
  for (const std::string& name : found.rewritten) {
    note(cat("written again, because it is not as the interrupted run left it: ", escaped(name)));
  }
}

int embed_model(const Options& options) {
  embed::EmbedRequest request;
  Status status = fill_request(options, request);
  if (!status) return fail(status.error());
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  request.master = &*key;
  status = check_registered(options, *key);
  if (!status) return fail(status.error());
  const auto path = remote::localise_whole(options.model);
  if (!path) return fail(path.error());
  auto model = open_model(path->string(), options.common);
  if (!model) return fail(model.error());
  if (!options.common.quiet && options.licensee.empty()) note_heads(model->anatomy.heads);
  status = embed::check_markable(model->checkpoint, model->anatomy, request.sites);
  if (!status) return fail(status.error());
  auto plan = embed::plan_embedding(model->anatomy, request);
  if (!plan) return fail(plan.error());

  auto companions = checkpoint::plan_companions(model->checkpoint, request.companions);
  if (!companions) return fail(companions.error());
  auto sites = embed::plan_sites(model->checkpoint, model->anatomy, *plan, request.sites,
                                 request.licensee.has_value());
  if (!sites) return fail(sites.error());
  warn_if_weak(*sites, !options.licensee.empty());
  EmbedSummary summary{*model, *plan, *sites, request, *companions, crypto::fingerprint(*key)};
  summary.expected_z = plan->expected_z(plan->shares);
  request.is_shared = !mpi::place().is_alone() && !options.dry_run;
  std::optional<embed::EmbedResult> result;
  if (!options.dry_run) {
    ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
    request.progress = &bar;
    const Stopwatch stopwatch;
    auto made = embed::embed(model->checkpoint, model->anatomy, model->vocabulary, *plan, request);
    if (!made) return fail(made.error());
    result = std::move(*made);
    summary.result = &*result;
    summary.seconds = stopwatch.seconds();
    if (!options.common.quiet) {
      for (const std::string& text : notes_of(result->companions)) note(text);
      note_resume(result->resume);
    }
    if (result->change.not_finite > 0) {
      warn(cat(result->change.not_finite,
               " units were skipped because they contain NaN or infinite weights"));
    }
  }
  say(options.common.json ? embed_json(summary) : embed_text(summary));
  return kYes;
}

}  // namespace

void add_embed_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("embed", "write a marked copy of a model");
  command.example("weightmark embed model --key owner.key -o marked");
  command.add_option("model", options->model, "folder, .safetensors file or index").required();
  add_key_options(command, options->key);
  command.add_option("-o,--out", options->out, "where to write the marked copy (must not exist)")
      .required();
  command.add_option("--licensee", options->licensee,
                     "embed the mark of this licensee instead of the ownership mark");
  command.add_option("--register", options->from_register,
                     "with --licensee: the register that must list the id");
  add_mark_options(command, options->mark);
  command.add_option("--verify", options->verify,
                     "output: read the output head back as well, which takes longer");
  command.add_option("--record", options->record,
                     "where to write the mark's record (default: OUT.mark)");
  command.add_option("--copy", options->companions.copy,
                     "copy this file or folder of the model as it is (repeatable)");
  command.add_option("--leave", options->companions.leave,
                     "leave this file or folder of the model out of the copy (repeatable)");
  command.add_flag("--allow-skipped", options->allow_skipped,
                   "mark even if more than 5 % of the units have to be skipped");
  command.add_flag("--dry-run", options->dry_run, "only print the plan");
  command.add_flag("--force", options->force, "replace an existing output");
  command.add_flag("--resume", options->resume,
                   "go on where such a run was interrupted: finished shards are verified and kept");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return embed_model(*options); }; });
}

}  // namespace wmk::cli
