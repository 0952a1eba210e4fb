#include "library/models/detect_models.h"

#include <algorithm>

#include "base/text.h"
#include "library/words/site_names.h"

namespace wmk::library {

namespace {

// Down columns lie across their matrix, which is read over the network from end to end: then one
// block of many units costs far less than many blocks of few.
uint64_t remote_block_bytes(const checkpoint::ReadingList& suspect) {
  constexpr uint64_t kMost = 64ull << 20;
  uint64_t out = checkpoint::kBlockBytes;
  const auto& declared = suspect.declared();
  if (!declared) return out;
  for (const auto& group : declared->anatomy->groups) {
    const auto& up = declared->checkpoint->tensors()[group.up.tensor];
    const uint64_t vector = declared->anatomy->width * checkpoint::bits(up.dtype) / 8;
    out = std::clamp(group.units * vector / 2, out, kMost);
  }
  return out;
}

}  // namespace

Result<DetectModels> open_detect_models(const DetectPlaces& places,
                                        const embed::MarkRecord* record) {
  DetectModels out;
  for (const ModelPlace& place : places.controls) {
    auto control = open_declared(place);
    if (!control) return std::move(control).error().within("control");
    out.controls.push_back(*std::move(control));
  }
  auto carry = open_carry_models(places.release, places.original, record);
  if (!carry) return std::move(carry).error();
  out.carry = *std::move(carry);
  return out;
}

void DetectModels::fill(verify::DetectRequest& request) const {
  request.carried = carry->get();
  request.release_labels = carry->release_labels();
  for (const OpenedModel& each : controls) {
    request.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
}

Status choose(const std::string& sites, const std::string& readings,
              verify::DetectRequest& request) {
  const auto scope = verify::scope_of(readings);
  if (!scope) {
    return Error(ErrorCode::invalid_argument,
                 cat("readings are 'declared', 'usual' or 'all', not '", escaped(readings), "'"));
  }
  request.readings = *scope;
  if (sites.empty()) return {};
  auto chosen = sites_of(sites);
  if (!chosen) return std::move(chosen).error();
  request.sites = *chosen;
  request.output_if_open = false;
  return {};
}

void spare_network(const std::string& named, const checkpoint::ReadingList& suspect,
                   verify::DetectRequest& request) {
  request.is_unlisted = remote::is_unlisted(named);
  if (!remote::is_remote(named)) return;
  request.is_sparing = !request.full;
  request.block_bytes = remote_block_bytes(suspect);
}

}  // namespace wmk::library
