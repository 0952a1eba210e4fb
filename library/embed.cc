#include "weightmark/embed.h"

#include "base/text.h"
#include "embed/mark/embedder.h"
#include "embed/scheme/fitting_record.h"
#include "library/facade/key_access.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/words/site_names.h"

namespace weightmark {

namespace {

namespace library = wmk::library;
using wmk::embed::EmbedRequest;

wmk::Result<EmbedRequest> request_of(const EmbedOptions& options) {
  auto sites = library::sites_of(options.sites);
  if (!sites) return std::move(sites).error();
  EmbedRequest request;
  request.sites = *sites;
  request.strength = options.strength;
  request.shares = options.shares;
  if (!options.licensee.empty()) request.licensee = options.licensee;
  request.record = options.record;
  request.replace = options.replace;
  request.resume = options.resume;
  request.allow_skipped = options.allow_skipped;
  request.companions.copy = options.copy;
  request.companions.leave = options.leave;
  return request;
}

Marked result_of(const wmk::embed::MarkPlan& plan, const EmbedRequest& request,
                 const wmk::embed::EmbedResult& found) {
  Marked out;
  out.record = request.record.string();
  out.strength = plan.strength;
  out.shares = plan.shares;
  out.expected_z = plan.expected_z(plan.shares);
  out.z = found.read_back.read.total;
  out.relative_change = found.change.relative();
  for (const auto& site : found.sites.sites) {
    if (site.not_marked.empty()) out.sites.emplace_back(to_string(site.site));
  }
  out.weights = plan.weights;
  out.skipped_units = found.change.skipped;
  out.bytes_written = request.in_place ? 0 : found.bytes_written;
  return out;
}

wmk::Result<Marked> embed_with(const Model& model, const Key& key, EmbedRequest request,
                               const Run& run) {
  const auto access = library::ModelAccess::open(model);
  if (!access) return access.error();
  const auto whole = wmk::remote::localise_whole(access->place().path);
  if (!whole) return whole.error();
  auto opened = library::open_model(access->place());
  if (!opened) return std::move(opened).error();
  library::RunProgress progress(run);
  request.master = &key.impl().secret;
  request.threads = library::threads_of(run);
  request.progress = &progress;
  auto plan = wmk::embed::plan_embedding(opened->anatomy, request);
  if (!plan) return std::move(plan).error();
  const auto found =
      wmk::embed::embed(opened->checkpoint, opened->anatomy, opened->vocabulary, *plan, request);
  if (!found) return found.error();
  Marked out = result_of(*plan, request, *found);
  out.key = key.fingerprint();
  return out;
}

}  // namespace

Result<Marked> embed(const Model& model, const Key& key, const std::string& out,
                     const EmbedOptions& options, const Run& run) {
  return library::timed<Marked>([&]() -> wmk::Result<Marked> {
    if (out.empty()) {
      return wmk::Error(wmk::ErrorCode::invalid_argument, "the path of the output is empty");
    }
    auto request = request_of(options);
    if (!request) return std::move(request).error();
    request->out = out;
    if (request->record.empty()) request->record = wmk::embed::default_record_path(out);
    return embed_with(model, key, *std::move(request), run);
  });
}

Result<Marked> embed_in_place(const Model& model, const Key& key, const EmbedOptions& options,
                              const Run& run) {
  return library::timed<Marked>([&]() -> wmk::Result<Marked> {
    auto request = request_of(options);
    if (!request) return std::move(request).error();
    if (model.tensors.empty()) {
      return wmk::Error(wmk::ErrorCode::invalid_argument, "there are no tensors in memory");
    }
    request->in_place = true;
    return embed_with(model, key, *std::move(request), run);
  });
}

}  // namespace weightmark
