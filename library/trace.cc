#include "weightmark/trace.h"

#include "library/facade/key_access.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/facade/sentences.h"
#include "library/models/carry_models.h"
#include "library/models/licensee_ids.h"
#include "remote/localise.h"

namespace weightmark {

namespace {

namespace library = wmk::library;
using wmk::verify::TraceRequest;

// The release and what carries its frame, opened.
struct TraceModels {
  std::vector<library::ModelAccess> accesses;
  std::optional<library::OpenedModel> subtracted;
  std::unique_ptr<library::CarryModels> carry;
};

wmk::Result<TraceModels> open_trace_models(const TraceOptions& options) {
  TraceModels out;
  const auto subtracted = library::place_of(options.subtracted, out.accesses);
  if (!subtracted) return wmk::Error(subtracted.error()).within("subtracted");
  const auto release = library::place_of(options.release, out.accesses);
  if (!release) return wmk::Error(release.error()).within("release");
  const auto original = library::place_of(options.original, out.accesses);
  if (!original) return wmk::Error(original.error()).within("original");
  if (options.subtracted) {
    auto opened = library::open_declared(*subtracted);
    if (!opened) return std::move(opened).error().within("subtracted");
    out.subtracted = *std::move(opened);
  }
  auto carry = library::open_carry_models(*release, *original, nullptr);
  if (!carry) return std::move(carry).error();
  out.carry = *std::move(carry);
  return out;
}

wmk::Result<Trace> trace_with(const Model& suspect, const Key& key, const Licensees& licensees,
                              const TraceOptions& options, const Run& run) {
  TraceRequest request;
  request.master = &key.impl().secret;
  request.threads = library::threads_of(run);
  auto ids = library::ids_of({licensees.ids, licensees.list, licensees.register_file},
                             *request.master, request.threads);
  if (!ids) return std::move(ids).error();
  request.licensees = *std::move(ids);
  const auto access = library::ModelAccess::open(suspect);
  if (!access) return access.error();
  auto readings = library::open_suspect(access->place());
  if (!readings) return std::move(readings).error();
  const auto models = open_trace_models(options);
  if (!models) return models.error();
  if (const auto& release = models->subtracted) {
    request.base = {&release->checkpoint, &release->anatomy, &release->vocabulary};
  }
  request.carried = models->carry->get();
  request.sources = {options.subtracted.has_value(), !suspect.base.empty(),
                     !suspect.naming.empty()};
  request.alpha = options.alpha;
  request.listed_min = options.listed_min;
  request.is_unlisted = wmk::remote::is_unlisted(suspect.path);
  library::RunProgress progress(run);
  request.progress = &progress;
  const auto found = wmk::verify::trace(*readings, request);
  if (!found) return found.error();
  Trace out = library::public_trace(*found, key.fingerprint());
  out.notes = library::notes_of(*readings);
  return out;
}

}  // namespace

Result<Trace> trace(const Model& suspect, const Key& key, const Licensees& licensees,
                    const TraceOptions& options, const Run& run) {
  return library::timed<Trace>([&] { return trace_with(suspect, key, licensees, options, run); });
}

}  // namespace weightmark
