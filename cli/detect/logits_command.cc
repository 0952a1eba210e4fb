#include "cli/detect/logits_command.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/detect/logits_view.h"
#include "cli/verdict_text.h"
#include "library/words/detect_words.h"
#include "verify/frame_source.h"

namespace wmk::cli {

namespace {

Result<std::vector<FileDigest>> digests_of(const LogitsInputs& inputs,
                                           const CommonOptions& common) {
  std::vector<std::filesystem::path> paths(inputs.files.begin(), inputs.files.end());
  for (auto& path : companion_paths(inputs.tokenizer)) paths.push_back(std::move(path));
  if (!inputs.record.empty()) paths.emplace_back(inputs.record);
  return digests_of_files(paths, common.thread_count());
}

}  // namespace

Result<library::OpenedLogits> open_logits(const LogitsInputs& inputs,
                                          const crypto::SecretBytes& key,
                                          const CommonOptions& common) {
  if (inputs.tokenizer.empty()) {
    return Error(ErrorCode::invalid_argument, "--logits needs --tokenizer DIR");
  }
  return library::open_logits(inputs, key, common.thread_count());
}

void add_logits_options(Command command, const Option& model, LogitsInputs& inputs,
                        const std::vector<Option>& others) {
  Option logits = command.add_option(
      "--logits", inputs.files, "logits in place of a model: .npy or safetensors (repeatable)");
  logits.excludes(model);
  for (const Option& other : others) logits.excludes(other);
  command.add_option("--tokenizer", inputs.tokenizer, "folder of the tokenizer of the logits");
  command.add_option("--rank", inputs.rank, "width of the model behind the logits, if known");
}

void require_model(const std::string& model, const LogitsInputs& inputs) {
  if (model.empty() && !inputs.are_given()) missing("model");
}

int detect_logits(const LogitsInputs& inputs, const crypto::SecretBytes& key,
                  const CommonOptions& common) {
  const Stopwatch stopwatch;
  auto opened = open_logits(inputs, key, common);
  if (!opened) return fail(opened.error());
  opened->request.record = opened->record ? &*opened->record : nullptr;
  auto found = verify::detect_in_logits(opened->logits, opened->labels, opened->request);
  if (!found) return fail(found.error());
  LogitsView view{*found, inputs, crypto::fingerprint(key), stopwatch.seconds()};
  if (common.json || !inputs.report.empty()) {
    auto files = digests_of(inputs, common);
    if (!files) return fail(files.error());
    view.files = *std::move(files);
  }
  if (!inputs.report.empty()) {
    auto status = write_whole(inputs.report, as_bytes(logits_page(view)), 0644, inputs.force);
    if (!status) return fail(status.error());
  }
  say(common.json ? logits_json(view) : logits_text(view));
  return exit_code(found->level);
}

}  // namespace wmk::cli
