#include "library/cases/case_models.h"

#include <array>

#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/read_share.h"
#include "library/models/carry_models.h"
#include "library/words/detect_words.h"

namespace wmk::library {

namespace {

// The path, if these are the files of the release that the party stated with its commitment; else
// empty. Any other model could have been fitted to the suspect, so it is not read.
Result<std::string> committed_release(const std::string& path, const claims::Party& party,
                                      const CaseRequest& request, Case& out) {
  if (path.empty()) return std::string();
  const auto seal = files_of(path, request);
  if (!seal) return seal.error();
  // The root alone does not say which file has which bytes.
  if (party.release && party.release->root == seal->statement.root &&
      party.release->manifest == sign::strict_digest(seal->statement.resources)) {
    return path;
  }
  out.notes.push_back(cat(escaped(path), " is not read: ",
                          party.release ? "it is not the release of the statement"
                                        : "no release statement names the commitment"));
  return std::string();
}

Status read_logits(const CaseRequest& request, Case& out) {
  auto logits = embed::Logits::open({request.logits.begin(), request.logits.end()});
  if (!logits) return std::move(logits).error();
  auto labels = embed::logit_labels(*logits, request.tokenizer);
  if (!labels) return std::move(labels).error();
  claims::ShareRequest share{out.claimant};
  share.threads = request.threads;
  share.progress = request.progress;
  auto found = claims::read_share(*logits, *labels, verify::softcap_of(request.tokenizer), share);
  if (!found) return std::move(found).error();
  out.facts->link = claims::link_of(*found);
  return {};
}

struct Controls {
  std::vector<OpenedModel> models;
  std::vector<claims::ControlFacts> facts;
};

Result<Controls> open_controls(const CaseRequest& request) {
  Controls out;
  for (const std::string& path : request.controls) {
    auto model = open_declared({path});
    if (!model) return std::move(model).error().within("control");
    auto files = files_of(path, request);
    if (!files) return std::move(files).error();
    out.models.push_back(*std::move(model));
    out.facts.push_back({path, std::move(files->statement.root)});
  }
  return out;
}

// `release`: the committed one, or empty.
Status read_weights(const CaseRequest& request, const std::string& release, Case& out) {
  auto controls = open_controls(request);
  if (!controls) return std::move(controls).error();
  auto frames = open_carry_models({release}, {}, nullptr);
  if (!frames) return std::move(frames).error();
  auto suspect = open_suspect({request.suspect});
  if (!suspect) return std::move(suspect).error();
  for (std::string& text : notes_of(*suspect)) out.notes.push_back(std::move(text));
  claims::ShareRequest share{out.claimant};
  share.carried = (*frames)->get();
  share.release_labels = (*frames)->release_labels();
  for (const OpenedModel& each : controls->models) {
    share.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
  share.by_layer = request.by_layer;
  share.threads = request.threads;
  share.progress = request.progress;
  auto found = claims::read_share(*suspect, share);
  if (!found) return std::move(found).error();
  if (!request.release.empty()) out.facts->is_committed_release = !release.empty();
  out.facts->link = claims::link_of(*found, frame_words(*found));
  out.blind = claims::blind_cell(*found, share);
  for (size_t i = 0; i < found->controls.size() && i < controls->facts.size(); ++i) {
    controls->facts[i].z = found->controls[i].z;
    controls->facts[i].is_null = found->controls[i].is_null;
    out.facts->link->controls.push_back(controls->facts[i]);
  }
  out.found = *std::move(found);
  return {};
}

// Blindly: a frame of one party's release would favour that party.
Status read_cell(const std::string& path, const claims::Party& party, const CaseRequest& request,
                 std::optional<claims::CrossCell>& cell) {
  auto model = open_suspect({path});
  if (!model) return std::move(model).error();
  claims::ShareRequest share{party};
  share.threads = request.threads;
  auto found = claims::read_share(*model, share);
  if (!found) return std::move(found).error();
  cell = claims::cross_cell(*found);
  return {};
}

// `models`: by CrossModel; those that are empty are not read.
Status read_cross(const CaseRequest& request, const std::array<std::string, 3>& models, Case& out) {
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
      if (auto status = read_cell(models[model], party, request, table.cells[key][model]);
          !status) {
        return status;
      }
    }
  }
  out.facts->cross = table;
  return {};
}

}  // namespace

Status read_models(const CaseRequest& request, Case& out) {
  auto release = committed_release(request.release, out.claimant, request, out);
  if (!release) return std::move(release).error();
  Status status =
      request.logits.empty() ? read_weights(request, *release, out) : read_logits(request, out);
  if (!status || !out.opponent) return status;
  auto other = committed_release(request.counter_release, *out.opponent, request, out);
  if (!other) return std::move(other).error();
  return read_cross(request, {*release, *other, request.suspect}, out);
}

}  // namespace wmk::library
