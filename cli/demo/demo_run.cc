#include "cli/demo/demo_run.h"

#include "base/text.h"
#include "cli/inputs.h"
#include "cli/verdict_text.h"
#include "crypto/key_file.h"
#include "embed/mark/embedder.h"
#include "lab/attacks.h"
#include "lab/demo/demo_model.h"

namespace wmk::cli {

namespace fs = std::filesystem;
using crypto::SecretBytes;

Status DemoRun::find_model() {
  const Stopwatch stopwatch;
  if (!options_.model.empty()) {
    model_ = options_.model;
    say(cat("1. the model: ", escaped(options_.model), "\n"));
    return {};
  }
  model_ = folder_ / "model";
  const lab::DemoShape shape;
  auto made =
      lab::write_demo_model(model_, shape, options_.seed, options_.common.thread_count(), nullptr);
  if (!made) return made;
  say(cat("1. a synthetic dense model: ", shape.layers, " layers of width ", shape.width, ", ",
          shape.units, " neurons each, ", shape.shards, " safetensors files, a tokenizer (",
          duration(stopwatch.seconds()), ")\n"));
  return {};
}

Status DemoRun::make_keys() {
  owner_ = SecretBytes::random(crypto::kKeyBytes);
  unrelated_ = SecretBytes::random(crypto::kKeyBytes);
  auto status = crypto::write_key_file(folder_ / "owner.key", owner_, nullptr);
  if (!status) return status;
  say(cat("2. keygen: the owner's key is ", crypto::fingerprint(owner_),
          ";\n   an unrelated key is ", crypto::fingerprint(unrelated_), "\n"));
  return {};
}

Status DemoRun::mark() {
  const Stopwatch stopwatch;
  auto model = open_model(model_.string(), options_.common);
  if (!model) return std::move(model).error();
  marked_ = folder_ / "marked";
  embed::EmbedRequest request;
  request.master = &owner_;
  request.out = marked_;
  request.record = folder_ / "marked.mark";
  request.threads = options_.common.thread_count();
  auto plan = embed::plan_embedding(model->anatomy, request);
  if (!plan) return std::move(plan).error();
  auto done = embed::embed(model->checkpoint, model->anatomy, model->vocabulary, *plan, request);
  if (!done) return std::move(done).error();
  say(cat("3. embed: ", si(static_cast<double>(plan->weights)), " weights change by ",
          fixed(done->change.relative() * 100, 2), " % (", duration(stopwatch.seconds()),
          "); no training, no data\n"));
  return {};
}

Status DemoRun::detect_in_copy() {
  say("4. detect in the marked copy:\n");
  return detect_with_both(marked_);
}

Status DemoRun::upcycle() {
  say("5. an attacker converts it to a mixture of experts: 8 copies of every network, neurons\n"
      "   shuffled, half of them re-initialised, a new router, and 20 % noise on every weight\n");
  suspect_ = marked_;
  return attack("upcycle", {{"drift", "0.2"}}, "upcycled");
}

Status DemoRun::rotate() {
  say("6. and applies a random rotation to the residual stream, which changes all weights\n");
  if (auto status = attack("rotate", {}, "rotated"); !status) return status;
  say("7. detect in the attacked model:\n");
  return detect_with_both(suspect_);
}

Status DemoRun::attack(const char* name, const std::map<std::string, std::string>& given,
                       const char* folder) {
  const Stopwatch stopwatch;
  CommonOptions silent = options_.common;
  silent.quiet = true;
  auto opened = open_model(suspect_.string(), silent);
  if (!opened) return std::move(opened).error();
  auto model = lab::Model::make(std::move(opened->checkpoint), std::move(opened->config),
                                std::move(opened->anatomy));
  if (!model) return std::move(model).error();
  const lab::Attack* found = lab::find_attack(name);
  auto arguments = lab::Arguments::make(*found, given, options_.seed);
  if (!arguments) return std::move(arguments).error();
  auto outcome =
      lab::run_attack(*found, *arguments, std::move(*model),
                      {folder_ / folder, false, options_.common.thread_count(), nullptr});
  if (!outcome && outcome.error().code() == ErrorCode::unsupported) {
    // Not every model is dense with the layout of Llama; the run continues without this step.
    say(cat("   skipped: ", outcome.error().message(), "\n"));
    return {};
  }
  if (!outcome) return std::move(outcome).error();
  std::error_code ignored;
  if (suspect_ != marked_ && !options_.keep) fs::remove_all(suspect_, ignored);
  suspect_ = folder_ / folder;
  say(cat("   ", outcome->tensors, " tensors, ", si(static_cast<double>(outcome->bytes), "B"), " (",
          duration(stopwatch.seconds()), ")\n"));
  return {};
}

Result<verify::Detection> DemoRun::detect(const fs::path& suspect, const SecretBytes& key,
                                          verify::ReadingScope scope) const {
  checkpoint::ReadingList readings({suspect});
  verify::DetectRequest request;
  request.master = &key;
  request.threads = options_.common.thread_count();
  request.readings = scope;
  return verify::detect(readings, request);
}

Status DemoRun::detect_with_both(const fs::path& suspect) {
  const std::pair<const char*, const SecretBytes*> keys[] = {
      {"   the owner's key:    ", &owner_}, {"   the unrelated key:  ", &unrelated_}};
  for (const auto& [who, key] : keys) {
    const Stopwatch stopwatch;
    const bool is_owner = key == &owner_;
    auto found = detect(suspect, *key,
                        is_owner ? verify::ReadingScope::usual : verify::ReadingScope::declared);
    if (!found) return std::move(found).error();
    // One reading is not enough for a *no*, but enough to compare with the owner's key.
    const bool is_nothing = !is_owner && !report::is_yes(found->level);
    std::string line = cat(
        who, is_nothing ? "no mark in the declared reading" : std::string(to_string(found->level)),
        ", z = ", fixed(found->z, 1), ", ", report::p_statement(report::log10_of(found->ln_p)));
    if (report::is_yes(found->level)) {
      line += cat("; read ", si(static_cast<double>(found->weights_read)), " of ",
                  si(static_cast<double>(found->weights_total)), " weights");
    }
    say(cat(line, " (", duration(stopwatch.seconds()), ")\n"));
    (key == &owner_ ? with_owner_ : with_unrelated_) = std::move(*found);
  }
  return {};
}

Result<int> DemoRun::last_verdict() {
  if (options_.keep) say(cat("all files are in ", escaped(folder_.path().string()), "\n"));
  say("to mark your own model: weightmark keygen owner.key, then weightmark embed\n");
  if (report::is_yes(with_unrelated_.level)) {
    say("failed: the unrelated key found a mark that is not there\n");
    return static_cast<int>(kNo);
  }
  say(cat(to_string(with_owner_.level), ": ",
          report::is_yes(with_owner_.level) ? "the attacked model carries the mark of "
                                            : "the attacked model shows no certain mark of ",
          crypto::fingerprint(owner_), "\n"));
  return static_cast<int>(exit_code(with_owner_.level));
}

}  // namespace wmk::cli
