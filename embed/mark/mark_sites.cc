#include "embed/mark/mark_sites.h"

#include <optional>

#include "embed/mark/shared_stages.h"
#include "embed/mark/stage_writer.h"
#include "embed/scheme/keys.h"
#include "mpi/processes.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;

std::vector<StructureKey> keys_for(const MarkPlan& plan, const EmbedRequest& request) {
  std::vector<StructureKey> keys;
  if (request.licensee) {
    keys.push_back({trace_key(*request.master), StructureRole::trace});
    return keys;
  }
  for (unsigned i = 0; i < plan.shares; ++i) {
    keys.push_back({share_key(*request.master, i), StructureRole::share});
  }
  return keys;
}

Carriers carriers_for(const Structure& structure, const EmbedRequest& request) {
  Carriers carriers;
  WipedVector<int8_t> code(kCodeBits, 1);
  if (request.licensee) code = licensee_code(structure.key, *request.licensee);
  for (VectorKind kind : kVectorKinds) {
    const WipedVector<int8_t> signs = carrier(structure, kind);
    const size_t first = index_of(kind) * signs.size();
    carriers[kind].resize(signs.size());
    for (size_t e = 0; e < signs.size(); ++e) {
      carriers[kind][e] = static_cast<float>(signs[e] * code[(first + e) % kCodeBits]);
    }
  }
  return carriers;
}

crypto::SecretBytes rounding_key_for(const EmbedRequest& request) {
  return request.licensee ? licensee_rounding_key(trace_key(*request.master), *request.licensee)
                          : share_key(*request.master, 0);
}

// (all) What concerns no file of this process is left out.
Result<std::vector<StageChange>> write_own_stages(const MarkingRun& run, const StageWriter& writer,
                                                  const std::vector<Stage>& stages) {
  std::vector<StageChange> out(stages.size());
  for (size_t s = 0; s < stages.size(); ++s) {
    if (Status status = writer.write(stages[s], out[s]); !status) return std::move(status).error();
  }
  // The first process goes on with its files.
  Status status = mpi::place().is_first() ? Status() : run.copy.finish_files();
  if (!status) return std::move(status).error();
  return out;
}

Status write_shared_stages(const MarkingRun& run, const StageWriter& writer,
                           const std::vector<Stage>& stages) {
  const auto owners = owners_of(run.checkpoint, mpi::place().count);
  const auto changes = sum_stages(owners, write_own_stages(run, writer, stages));
  if (!changes) return changes.error();
  for (const StageChange& change : *changes) {
    run.result.change += change.ffn;
    run.result.head_change += change.heads;
  }
  return {};
}

Status write_stages(const MarkingRun& run, const MarkedWeights& what) {
  const EmbedRequest& request = run.request;
  auto writer = StageWriter::make(what, {request.threads, request.block_bytes, request.progress});
  if (!writer) return std::move(writer).error();
  const auto stages =
      stages_of(run.checkpoint, run.anatomy, what.ffn != nullptr, what.heads != nullptr);
  for (size_t f = 0; f < run.checkpoint.files().size(); ++f) {
    const uint64_t bytes = run.checkpoint.files()[f].size();
    if (run.copy.is_finished(f) && request.progress) request.progress->advance(bytes);
  }
  if (request.is_shared) return write_shared_stages(run, *writer, stages);
  for (size_t s = 0; s < stages.size(); ++s) {
    StageChange change;
    if (Status status = writer->write(stages[s], change); !status) return status;
    // An earlier run may have written some of it.
    if (const StageChange* whole = run.resumption.recorded(s)) change = *whole;
    run.result.change += change.ffn;
    run.result.head_change += change.heads;
    Status status = run.resumption.finish_stage(s, change, stages[s].finished);
    if (!status) return status;
    if (request.after_stage) request.after_stage(static_cast<int>(s));
  }
  return {};
}

}  // namespace

Status share_files(const MarkingRun& run) {
  if (Status status = mpi::meet({}); !status) return status;
  const mpi::Place here = mpi::place();
  std::vector<bool> own;
  for (const unsigned owner : owners_of(run.checkpoint, here.count)) {
    own.push_back(owner == here.number);
  }
  return run.copy.share(own);
}

Status mark_output(const MarkingRun& run) {
  if (!run.result.sites.marks(Site::output)) return {};
  const EmbedRequest& request = run.request;
  const auto labels = head_labels(run.labels, run.result.sites.head.rows);
  const size_t pairs = run.result.sites.output_pairs;
  std::vector<OutputMark> marks;
  if (request.licensee) {
    const crypto::SecretBytes trace = trace_key(*request.master);
    const auto directions = licensee_directions_key(trace, *request.licensee);
    marks.push_back({licensee_output_signs(trace, *request.licensee, labels, request.threads),
                     output_directions(directions, pairs, run.anatomy.width)});
  }
  for (unsigned i = 0; i < run.plan.shares && !request.licensee; ++i) {
    const crypto::SecretBytes key = share_key(*request.master, i);
    marks.push_back({output_signs(key, labels, request.threads),
                     output_directions(key, pairs, run.anatomy.width)});
  }
  const crypto::SecretBytes rounding_key = rounding_key_for(request);
  auto change = write_output(run.checkpoint, marks,
                             {run.result.sites.head, pairs, run.result.sites.output_energy,
                              rounding_key, request.threads, request.progress},
                             run.copy);
  if (!change) return std::move(change).error();
  run.result.output_change = *change;
  return {};
}

Result<std::vector<Structure>> marked_structures(const MarkingRun& run) {
  auto keys = keys_for(run.plan, run.request);
  if (!run.result.sites.marks(Site::output) || !run.result.sites.head.tied) {
    return make_structures(run.checkpoint, run.anatomy, run.labels, std::move(keys),
                           run.request.threads, nullptr);
  }
  auto written = run.copy.open_written();
  if (!written) return std::move(written).error();
  return make_structures(*written, run.anatomy, run.labels, std::move(keys), run.request.threads,
                         nullptr);
}

Status mark_weights(const MarkingRun& run, const std::vector<Structure>& structures) {
  const EmbedRequest& request = run.request;
  const SitePlans& sites = run.result.sites;
  std::vector<size_t> written;
  if (sites.marks(Site::output)) {
    written.push_back(sites.head.tensor);
    if (sites.head.copy) written.push_back(*sites.head.copy);
  }
  const bool ffn = sites.marks(Site::ffn), heads = sites.marks(Site::heads);
  const crypto::SecretBytes rounding_key = rounding_key_for(request);
  const Projector projector(run.anatomy, structures);
  std::optional<Marker> marker;
  if (ffn) {
    std::vector<Carriers> carriers;
    for (const Structure& s : structures) carriers.push_back(carriers_for(s, request));
    const double strength = request.licensee ? run.plan.strength : run.plan.share_strength();
    marker.emplace(run.checkpoint, run.anatomy, projector, std::move(carriers), strength,
                   rounding_key);
  }
  std::optional<CircuitReader> reader;
  std::optional<HeadMarker> head_marker;
  if (heads) {
    reader.emplace(run.checkpoint, run.anatomy, structures);
    head_marker.emplace(run.checkpoint, *reader, run.plan.share_strength(), rounding_key);
  }
  const MarkedWeights what{run.checkpoint,
                           run.anatomy,
                           run.copy,
                           ffn ? &*marker : nullptr,
                           heads ? &*head_marker : nullptr,
                           written};
  return write_stages(run, what);
}

}  // namespace wmk::embed
