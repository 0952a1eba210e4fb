// Reading back each site that was marked.
#include <numeric>

#include "embed/mark/mark_sites.h"
#include "embed/output/output_from_weights.h"
#include "embed/read/head_sketch.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

using checkpoint::Checkpoint;

// The heads of attention, all layers.
Result<SiteReadBack> read_back_heads(const Checkpoint& written, const MarkingRun& run,
                                     const std::vector<Structure>& structures) {
  const unsigned threads = run.request.threads;
  const CircuitReader reader(written, run.anatomy, structures);
  std::vector<size_t> layers(run.anatomy.heads.layers.size());
  std::iota(layers.begin(), layers.end(), size_t{0});
  std::vector<unsigned> shares(structures.size());
  std::iota(shares.begin(), shares.end(), 0u);
  HeadSketchSet sketches(structures);
  Status status = read_heads(reader, layers, threads, nullptr, sketches);
  if (!status) return std::move(status).error();
  const auto readings = read_head_shares(shares, structures, sketches, threads);
  SiteReadBack out{.site = Site::heads, .weights = sketches.weights};
  for (const ShareReading& each : readings) {
    out.z.push_back(each.correlation[static_cast<size_t>(TagRule::hard)].z());
  }
  out.total = total_of(readings, readings.size(), TagRule::hard).correlation.z();
  return out;
}

Result<SiteReadBack> read_back_output(const Checkpoint& written, const MarkingRun& run) {
  const EmbedRequest& request = run.request;
  const SitePlans& sites = run.result.sites;
  const unsigned shares = request.licensee ? 0 : run.plan.shares;
  OutputCarriers carriers =
      output_carriers(*request.master, shares, request.licensee.has_value(),
                      head_labels(run.labels, sites.head.rows), request.threads);
  carriers.pairs = sites.output_pairs;
  auto read = read_output_weights(written, sites.head, carriers, request.threads, request.progress);
  if (!read) return std::move(read).error();
  SiteReadBack out{.site = Site::output};
  out.weights = written.tensors()[sites.head.tensor].elements();
  if (request.licensee) {
    const auto code = output_code(trace_key(*request.master), *request.licensee);
    out.total = read->licensee(code, sites.output_pairs).z();
    out.z = {out.total};
    return out;
  }
  for (unsigned s = 0; s < shares; ++s) {
    out.z.push_back(read->total(sites.output_pairs, s, s + 1).z());
  }
  out.total = read->total(sites.output_pairs).z();
  return out;
}

}  // namespace

Status read_back_sites(const MarkingRun& run, const checkpoint::Checkpoint& written,
                       const std::vector<Structure>& structures) {
  const EmbedRequest& request = run.request;
  if (run.result.sites.marks(Site::ffn)) {
    auto found = read_back(written, run.anatomy, structures,
                           {run.plan, request.licensee, request.threads, request.progress});
    if (!found) return std::move(found).error();
    if (Status status = check_read_back(run.plan, *found); !status) return status;
    run.result.read_back = std::move(*found);
  }
  if (run.result.sites.marks(Site::heads)) {
    auto found = read_back_heads(written, run, structures);
    if (!found) return std::move(found).error();
    run.result.site_read_backs.push_back(std::move(*found));
  }
  if (run.result.sites.marks(Site::output) && request.read_back_output) {
    auto found = read_back_output(written, run);
    if (!found) return std::move(found).error();
    run.result.site_read_backs.push_back(std::move(*found));
  }
  return {};
}

}  // namespace wmk::embed
