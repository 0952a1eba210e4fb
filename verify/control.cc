#include "verify/control.h"

#include "base/text.h"
#include "embed/read/scan.h"
#include "embed/read/share_readings.h"

namespace wmk::verify {

namespace {

Status check(const Subject& control, const Detection& found, const DetectRequest& request) {
  const auto refuse = [](std::string why) {
    return Status(Error(ErrorCode::invalid_argument, std::move(why)));
  };
  const bool needs_strings =
      found.frame == FrameSource::strings || found.frame == FrameSource::shared;
  if (needs_strings && control.vocabulary->source.empty()) {
    return refuse("the control has no tokenizer, so the frame of its own tokens cannot be made");
  }
  const uint64_t width = control.anatomy->width;
  if (found.frame == FrameSource::recorded && width != request.record->width) {
    return refuse(
        cat("the control has width ", width, ", and the recorded frame ", request.record->width));
  }
  return {};
}

}  // namespace

Result<ControlZ> read_control(const Subject& control, const Detection& found,
                              const std::vector<unsigned>& shares, const DetectRequest& request) {
  if (auto status = check(control, found, request); !status) return std::move(status).error();
  auto structures = share_structures(control, found.frame, shares, request);
  if (!structures) return std::move(structures).error();
  const auto& checkpoint = *control.checkpoint;
  embed::Scan scan(checkpoint, *control.anatomy, *structures,
                   embed::scan_order(checkpoint, *control.anatomy, request.block_bytes), false);
  if (request.progress) {
    request.progress->begin("control", embed::weight_bytes(checkpoint, *control.anatomy));
  }
  while (!scan.done()) {
    auto status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
  }
  if (request.progress) request.progress->end();
  const auto readings = embed::read_shares(shares, *structures, scan.sketches(), request.threads);
  const double z = embed::total_of(readings, readings.size(), found.tags).correlation.z();
  return ControlZ{z, z <= kControlZMax};
}

}  // namespace wmk::verify
