#include "verify/by_layer.h"

#include <numeric>

#include "embed/read/head_scan.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"

namespace wmk::verify {

namespace {

using embed::Site;

Result<GroupZ> group_z(const Subject& subject, size_t g,
                       const std::vector<embed::Structure>& structures, embed::TagRule tags,
                       const DetectRequest& request) {
  const auto blocks = checkpoint::blocks_of(*subject.checkpoint, *subject.anatomy, g);
  embed::Scan scan(*subject.checkpoint, *subject.anatomy, structures, blocks, false);
  while (!scan.done()) {
    Status status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
  }
  embed::Correlation total;
  for (size_t s = 0; s < structures.size(); ++s) {
    total += correlate(structures[s], guarded(structures[s], scan.sketches().at(s, tags)));
  }
  const auto& group = subject.anatomy->groups[g];
  return GroupZ{Site::ffn,    group.layer, group.expert,
                group.shared, group.part,  scan.sketches().weights,
                total.z()};
}

Result<GroupZ> heads_z(const embed::CircuitReader& reader, size_t layer, embed::TagRule tags,
                       const DetectRequest& request) {
  embed::HeadSketchSet sketches(reader.structures());
  auto status = embed::read_heads(reader, std::span(&layer, 1), 1, request.progress, sketches);
  if (!status) return std::move(status).error();
  std::vector<unsigned> numbers(reader.structures().size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  const auto shares =
      embed::read_head_shares(numbers, reader.structures(), sketches, request.threads);
  const auto total = embed::total_of(shares, shares.size(), tags);
  return GroupZ{
      Site::heads,          reader.heads().layers[layer].layer, {}, false, {}, sketches.weights,
      total.correlation.z()};
}

}  // namespace

Result<std::vector<GroupZ>> z_by_group(const Subject& subject,
                                       const std::vector<embed::Structure>& structures,
                                       embed::TagRule tags, const DetectRequest& request) {
  const checkpoint::Anatomy& anatomy = *subject.anatomy;
  if (request.progress) {
    request.progress->begin("by layer", embed::weight_bytes(*subject.checkpoint, anatomy));
  }
  std::vector<GroupZ> out;
  for (size_t g = 0; g < anatomy.groups.size() && request.sites[Site::ffn]; ++g) {
    auto one = group_z(subject, g, structures, tags, request);
    if (!one) return std::move(one).error();
    out.push_back(*std::move(one));
  }
  const embed::CircuitReader reader(*subject.checkpoint, anatomy, structures);
  for (size_t i = 0; i < anatomy.heads.layers.size() && request.sites[Site::heads]; ++i) {
    auto one = heads_z(reader, i, tags, request);
    if (!one) return std::move(one).error();
    out.push_back(*std::move(one));
  }
  if (request.progress) request.progress->end();
  return out;
}

Status read_by_layer(Answer& answer, const DetectRequest& request) {
  Detection& found = answer.found();
  std::vector<unsigned> numbers;
  // The release's tokens may have been found, and its neurons not.
  const bool is_head = found.site == SiteChoice::output && found.frame == FrameSource::carried;
  for (const ShareZ& share : found.shares) numbers.push_back(share.share);
  if (!is_head) {
    const Subject subject = subject_of(answer.reading());
    auto structures = share_structures(subject, found.frame, numbers, request);
    if (!structures) return std::move(structures).error();
    auto groups = z_by_group(subject, *structures, found.tags, request);
    if (!groups) return std::move(groups).error();
    found.groups = std::move(*groups);
  }
  for (const SiteZ& site : found.sites) {
    if (site.site != Site::output) continue;
    found.groups.push_back({site.site, 0, {}, false, {}, site.weights, site.z});
  }
  return {};
}

}  // namespace wmk::verify
