#include "cli/arbitrate/suspect_models.h"

#include <array>

#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/read_share.h"
#include "cli/detect/carry_options.h"
#include "library/words/detect_words.h"

namespace wmk::cli {

namespace {

CommonOptions silent(const ArbitrateOptions& options) {
  CommonOptions out = options.common;
  out.quiet = true;
  return out;
}

// The path, if these are the files of the release that the party stated with its commitment; else
// empty. Any other model could have been fitted to the suspect, so it is not read.
Result<std::string> committed_release(const std::string& path, const claims::Party& party,
                                      const ArbitrateOptions& options, Case& out) {
  if (path.empty()) return std::string();
  auto root = root_of(path, options);
  if (!root) return std::move(root).error();
  if (party.release && party.release->root == *root) return path;
  out.notes.push_back(cat(escaped(path), " is not read: ",
                          party.release ? "it is not the release of the statement"
                                        : "no release statement names the commitment"));
  return std::string();
}

Status read_logits(const ArbitrateOptions& options, Case& out) {
  auto logits = embed::Logits::open({options.logits.begin(), options.logits.end()});
  if (!logits) return std::move(logits).error();
  auto labels = embed::logit_labels(*logits, options.tokenizer);
  if (!labels) return std::move(labels).error();
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  claims::ShareRequest request{out.claimant};
  request.threads = options.common.thread_count();
  request.progress = &bar;
  auto found = claims::read_share(*logits, *labels, verify::softcap_of(options.tokenizer), request);
  if (!found) return std::move(found).error();
  out.facts->link = claims::link_of(*found);
  return {};
}

struct Controls {
  std::vector<OpenedModel> models;
  std::vector<claims::ControlFacts> facts;
};

Result<Controls> open_controls(const ArbitrateOptions& options) {
  Controls out;
  for (const std::string& path : options.controls) {
    auto model = open_declared(path, silent(options));
    if (!model) return std::move(model).error().within("control");
    auto root = root_of(path, options);
    if (!root) return std::move(root).error();
    out.models.push_back(*std::move(model));
    out.facts.push_back({path, *std::move(root)});
  }
  return out;
}

// `release`: the committed one, or empty.
Status read_weights(const ArbitrateOptions& options, const std::string& release, Case& out) {
  auto controls = open_controls(options);
  if (!controls) return std::move(controls).error();
  CarryOptions carry;
  carry.release = release;
  auto frames = open_carry_models(carry, options.common, nullptr);
  if (!frames) return std::move(frames).error();
  auto suspect = open_suspect(options.suspect, options.common);
  if (!suspect) return std::move(suspect).error();
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  claims::ShareRequest request{out.claimant};
  request.carried = (*frames)->get();
  request.release_labels = (*frames)->release_labels();
  for (const OpenedModel& each : controls->models) {
    request.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
  request.by_layer = !options.report.empty();
  request.threads = options.common.thread_count();
  request.progress = &bar;
  auto found = claims::read_share(*suspect, request);
  if (!found) return std::move(found).error();
  if (!options.release.empty()) out.facts->is_committed_release = !release.empty();
  out.facts->link = claims::link_of(*found, library::frame_words(*found));
  out.blind = claims::blind_cell(*found, request);
  for (size_t i = 0; i < found->controls.size() && i < controls->facts.size(); ++i) {
    controls->facts[i].z = found->controls[i].z;
    controls->facts[i].is_null = found->controls[i].is_null;
    out.facts->link->controls.push_back(controls->facts[i]);
  }
  out.found = *std::move(found);
  return {};
}

// Blindly: a frame of one party's release would favour that party.
Status read_cell(const std::string& path, const claims::Party& party,
                 const ArbitrateOptions& options, std::optional<claims::CrossCell>& cell) {
  auto model = open_suspect(path, silent(options));
  if (!model) return std::move(model).error();
  claims::ShareRequest request{party};
  request.threads = options.common.thread_count();
  auto found = claims::read_share(*model, request);
  if (!found) return std::move(found).error();
  cell = claims::cross_cell(*found);
  return {};
}

// `models`: by CrossModel; those that are empty are not read.
Status read_cross(const ArbitrateOptions& options, const std::array<std::string, 3>& models,
                  Case& out) {
  const bool has_opponent = claims::may_read(*out.opponent);
  claims::CrossTable table;
  for (size_t model = 0; model < models.size(); ++model) {
    if (models[model].empty()) continue;
    for (size_t key = 0; key < (has_opponent ? 2 : 1); ++key) {
      const claims::Party& party = key == 0 ? out.claimant : *out.opponent;
      if (key == 0 && claims::CrossModel(model) == claims::CrossModel::suspect && out.blind) {
        table.cells[key][model] = out.blind;
        continue;
      }
      if (auto status = read_cell(models[model], party, options, table.cells[key][model]);
          !status) {
        return status;
      }
    }
  }
  out.facts->cross = table;
  return {};
}

}  // namespace

Status read_models(const ArbitrateOptions& options, Case& out) {
  auto release = committed_release(options.release, out.claimant, options, out);
  if (!release) return std::move(release).error();
  Status status =
      options.logits.empty() ? read_weights(options, *release, out) : read_logits(options, out);
  if (!status || !out.opponent) return status;
  auto other = committed_release(options.counter_release, *out.opponent, options, out);
  if (!other) return std::move(other).error();
  return read_cross(options, {*release, *other, options.suspect}, out);
}

}  // namespace wmk::cli
