#include "verify/by_layer.h"

#include <numeric>

#include "base/parallel.h"
#include "embed/careful/careful_scan.h"
#include "embed/heads/careful_head_scan.h"
#include "embed/read/head_scan.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"

namespace wmk::verify {

namespace {

using embed::Site;

// The first band of the window that showed z of this site; none: it was plain.
std::optional<int> band_of(const Detection& found, Site wanted) {
  for (const SiteZ& site : found.sites) {
    if (site.site == wanted) return site.band;
  }
  return std::nullopt;
}

Result<embed::SketchSet> neurons_of(const Subject& subject, size_t g,
                                    const std::vector<embed::Structure>& structures,
                                    const DetectRequest& request) {
  const auto blocks = checkpoint::blocks_of(*subject.checkpoint, *subject.anatomy, g);
  embed::Scan scan(*subject.checkpoint, *subject.anatomy, structures, blocks, false);
  while (!scan.done()) {
    Status status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
  }
  return scan.sketches();
}

GroupZ group_z(const checkpoint::UnitGroup& group, const std::vector<embed::Structure>& structures,
               const embed::SketchSet& sketches, embed::TagRule tags) {
  embed::Correlation total;
  for (size_t s = 0; s < structures.size(); ++s) {
    total += correlate(structures[s], guarded(structures[s], sketches.at(s, tags)));
  }
  return {Site::ffn,  group.layer,      group.expert, group.shared,
          group.part, sketches.weights, total.z()};
}

GroupZ heads_z(uint64_t layer, const std::vector<embed::Structure>& structures,
               const embed::HeadSketchSet& sketches, embed::TagRule tags, unsigned threads) {
  std::vector<unsigned> numbers(structures.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  const auto shares = embed::read_head_shares(numbers, structures, sketches, threads);
  const auto total = embed::total_of(shares, shares.size(), tags);
  return {Site::heads, layer, {}, false, {}, sketches.weights, total.correlation.z()};
}

// Of all neurons of a group, or of those of a window.
Status add_groups(const Subject& subject, const std::vector<embed::Structure>& structures,
                  const DetectRequest& request, Detection& found) {
  const auto& groups = subject.anatomy->groups;
  const auto band = band_of(found, Site::ffn);
  const embed::CarefulScan careful(*subject.checkpoint, *subject.anatomy, structures);
  std::vector<GroupZ> out(groups.size());
  // Windows are read by a worker for each group, whole groups by all workers.
  Status status = parallel_for(groups.size(), band ? request.threads : 1, [&](size_t g, unsigned) {
    if (band) {
      const auto window = careful.window_of_group(g, *band, request.progress);
      if (!window) return Status(window.error());
      out[g] = group_z(groups[g], structures, window->sketches, found.tags);
      return Status();
    }
    const auto sketches = neurons_of(subject, g, structures, request);
    if (!sketches) return Status(sketches.error());
    out[g] = group_z(groups[g], structures, *sketches, found.tags);
    return Status();
  });
  found.groups.insert(found.groups.end(), out.begin(), out.end());
  return status;
}

// Of all heads of a layer, or of those of a window.
Status add_heads(const Subject& subject, const std::vector<embed::Structure>& structures,
                 const DetectRequest& request, Detection& found) {
  const auto band = band_of(found, Site::heads);
  const embed::CarefulHeadScan careful(*subject.checkpoint, *subject.anatomy, structures);
  const embed::CircuitReader reader(*subject.checkpoint, *subject.anatomy, structures);
  for (size_t i = 0; i < subject.anatomy->heads.layers.size(); ++i) {
    embed::HeadSketchSet sketches(structures);
    if (band) {
      auto window = careful.window_of_layer(i, *band, request.progress);
      if (!window) return std::move(window).error();
      sketches = std::move(window->sketches);
    } else {
      Status status = embed::read_heads(reader, std::span(&i, 1), 1, request.progress, sketches);
      if (!status) return status;
    }
    const uint64_t layer = subject.anatomy->heads.layers[i].layer;
    found.groups.push_back(heads_z(layer, structures, sketches, found.tags, request.threads));
  }
  return {};
}

Status add_sites(const Answer& answer, const std::vector<unsigned>& shares,
                 const DetectRequest& request, Detection& found) {
  const Subject subject = subject_of(answer.reading());
  const auto structures = share_structures(subject, found.frame, shares, request);
  if (!structures) return structures.error();
  if (request.progress) {
    request.progress->begin("by layer", embed::weight_bytes(*subject.checkpoint, *subject.anatomy));
  }
  Status status;
  if (request.sites[Site::ffn]) status = add_groups(subject, *structures, request, found);
  if (status && request.sites[Site::heads]) {
    status = add_heads(subject, *structures, request, found);
  }
  if (status && request.progress) request.progress->end();
  return status;
}

}  // namespace

Status read_by_layer(Answer& answer, const DetectRequest& request) {
  Detection& found = answer.found();
  std::vector<unsigned> numbers;
  // The release's tokens may have been found, and its neurons not.
  const bool is_head = found.site == SiteChoice::output && found.frame == FrameSource::carried;
  for (const ShareZ& share : found.shares) numbers.push_back(share.share);
  if (!is_head) {
    Status status = add_sites(answer, numbers, request, found);
    if (!status) return status;
  }
  for (const SiteZ& site : found.sites) {
    if (site.site != Site::output) continue;
    found.groups.push_back({site.site, 0, {}, false, {}, site.weights, site.z});
  }
  return {};
}

}  // namespace wmk::verify
