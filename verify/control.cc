#include "verify/control.h"

#include <algorithm>

#include "base/text.h"
#include "embed/read/scan.h"
#include "verify/careful_windows.h"
#include "verify/output_site.h"
#include "verify/site_scan.h"

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

// z of one statistic of the control, in the site of the answer.
double z_of_sites(const std::vector<SiteReading>& sites, const DetectPlan& plan,
                  const Detection& found) {
  const auto count = static_cast<unsigned>(sites.front().shares.size());
  double largest = 0;
  for (const SiteScore& each : scores_of(plan, sites, count, 1)) {
    if (each.site == found.site && each.tags == found.tags) largest = each.z;
  }
  return largest;
}

// An answer from a window is checked against every window of the control.
Result<double> z_of_windows(const Subject& control, const std::vector<unsigned>& shares,
                            const std::vector<embed::Structure>& structures, const DetectPlan& plan,
                            const Detection& found, const DetectRequest& request) {
  embed::Sites sites = request.sites;
  sites[embed::Site::output] = false;
  const auto windows = read_windows(control, shares, structures, sites, request);
  if (!windows) return windows.error();
  std::optional<double> largest;
  for (const auto& window : *windows) {
    const double z = z_of_sites(window, plan, found);
    largest = std::max(largest.value_or(z), z);
  }
  if (!largest) {
    return Error(ErrorCode::unsupported, "the control has no window of careful sketches");
  }
  return *largest;
}

// An answer from the output head, with whatever number of pairs.
Result<double> z_of_head(const Subject& control, const std::vector<unsigned>& shares,
                         const DetectPlan& plan, const Detection& found,
                         const DetectRequest& request) {
  const Stage stage{shares, {static_cast<unsigned>(shares.size())}};
  const auto head = read_head_site(control, found.frame, stage, request);
  if (!head) return head.error();
  std::optional<double> largest;
  for (const SiteReading& each : head->readings) {
    const double z = z_of_sites({each}, plan, found);
    largest = std::max(largest.value_or(z), z);
  }
  if (largest) return *largest;
  return Error(ErrorCode::unsupported,
               head->tokens ? cat("the output head of the control: ", head->tokens->why_not)
                            : "the control has no output head that can be read");
}

}  // namespace

Result<ControlZ> read_control(const Subject& control, const Detection& found,
                              const std::vector<unsigned>& shares, const DetectRequest& request) {
  if (auto status = check(control, found, request); !status) return std::move(status).error();
  const auto plan = plan_detection(*control.anatomy, request);
  if (!plan) return plan.error();
  if (found.site == SiteChoice::output) {
    const auto z = z_of_head(control, shares, *plan, found, request);
    if (!z) return z.error();
    return ControlZ{*z, *z <= kControlZMax};
  }
  auto structures = share_structures(control, found.frame, shares, request);
  if (!structures) return std::move(structures).error();
  if (found.window > 0) {
    auto z = z_of_windows(control, shares, *structures, *plan, found, request);
    if (!z) return std::move(z).error();
    return ControlZ{*z, *z <= kControlZMax};
  }
  const auto order = embed::scan_order(*control.checkpoint, *control.anatomy, request.block_bytes);
  SiteScan scan(control, *structures, {request.sites, order, embed::analysis_ends(order, false)});
  if (scan.is_empty()) {
    return Error(ErrorCode::unsupported, "the control has none of the sites that were read");
  }
  if (request.progress) {
    request.progress->begin("control", SiteScan::bytes_of(control, request.sites));
  }
  while (!scan.done()) {
    auto status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
  }
  if (request.progress) request.progress->end();
  const double z = z_of_sites(scan.readings(shares, request.threads), *plan, found);
  return ControlZ{z, z <= kControlZMax};
}

Status read_controls(const std::vector<unsigned>& shares, const DetectRequest& request,
                     Detection& found) {
  for (const Subject& control : request.controls) {
    auto z = read_control(control, found, shares, request);
    if (!z) return std::move(z).error().within(escaped(control.checkpoint->path().string()));
    found.controls.push_back(*z);
  }
  return {};
}

}  // namespace wmk::verify
