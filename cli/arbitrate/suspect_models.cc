#include "cli/arbitrate/suspect_models.h"

#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/read_share.h"
#include "cli/detect/carry_options.h"
#include "cli/detect/detect_words.h"

namespace wmk::cli {

namespace {

using claims::CrossModel;

CommonOptions silent(const ArbitrateOptions& options) {
  CommonOptions out = options.common;
  out.quiet = true;
  return out;
}

// Whether these are the files of the release that the party stated with its commitment. Any other
// model could have been fitted to the suspect, so it is not read.
Result<bool> is_committed(const std::string& path, const claims::Party& party,
                          const ArbitrateOptions& options, Case& out) {
  if (path.empty()) return false;
  auto root = root_of(path, options);
  if (!root) return std::move(root).error();
  if (party.release && party.release->root == *root) return true;
  out.notes.push_back(cat(escaped(path), " is not read: ",
                          party.release ? "it is not the release of the statement"
                                        : "no release statement names the commitment"));
  return false;
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
  out.from_logits = *std::move(found);
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

Status read_weights(const ArbitrateOptions& options, Case& out) {
  auto controls = open_controls(options);
  if (!controls) return std::move(controls).error();
  auto committed = is_committed(options.release, out.claimant, options, out);
  if (!committed) return std::move(committed).error();
  CarryOptions carry;
  if (*committed) carry.release = options.release;
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
  if (!options.release.empty()) out.facts->is_committed_release = *committed;
  out.facts->link = claims::link_of(*found, frame_words(*found));
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

Status read_cross(const ArbitrateOptions& options, Case& out) {
  const bool has_opponent = out.opponent && claims::may_read(*out.opponent);
  const std::pair<const std::string&, const claims::Party*> releases[] = {
      {options.release, &out.claimant}, {options.counter_release, out.facts->opponent}};
  claims::CrossTable table;
  for (size_t model = 0; model < 3; ++model) {
    if (model < 2) {
      if (releases[model].second == nullptr) continue;
      auto committed = is_committed(releases[model].first, *releases[model].second, options, out);
      if (!committed) return std::move(committed).error();
      if (!*committed) continue;
    } else if (options.suspect.empty()) {
      continue;
    }
    const std::string& path = model < 2 ? releases[model].first : options.suspect;
    for (size_t key = 0; key < (has_opponent ? 2 : 1); ++key) {
      const claims::Party& party = key == 0 ? out.claimant : *out.opponent;
      if (auto status = read_cell(path, party, options, table.cells[key][model]); !status) {
        return status;
      }
    }
  }
  out.facts->cross = table;
  return {};
}

}  // namespace

Status read_models(const ArbitrateOptions& options, Case& out) {
  Status status = options.logits.empty() ? read_weights(options, out) : read_logits(options, out);
  if (status && out.opponent) status = read_cross(options, out);
  return status;
}

}  // namespace wmk::cli
