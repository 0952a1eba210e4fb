#include "claims/arbitrate/read_share.h"

#include "claims/arbitrate/decide.h"
#include "verify/claims/judge.h"

namespace wmk::claims {

namespace {

using embed::Site;

// The committed sites, and no others; the output head where the others leave the matter open.
void choose_sites(const embed::Sites& committed, verify::DetectRequest& request) {
  request.sites = committed;
  request.output_if_open = committed[Site::output];
  if (committed[Site::ffn] || committed[Site::heads]) request.sites[Site::output] = false;
}

}  // namespace

embed::DisclosedShare disclosed_share(const Commitment& commitment, const Disclosure& disclosure) {
  const CommittedMark& mark = commitment.mark;
  return {disclosure.share(), crypto::copy_of(disclosure.opening.secret), mark.strength,
          mark.shares};
}

Result<verify::Detection> read_share(checkpoint::ReadingList& suspect,
                                     const ShareRequest& request) {
  const auto share = disclosed_share(*request.party.commitment, *request.party.disclosure);
  verify::DetectRequest detect;
  detect.disclosed = &share;
  detect.share = share.share;
  detect.carried = request.carried;
  detect.release_labels = request.release_labels;
  detect.controls = request.controls;
  detect.by_layer = request.by_layer;
  choose_sites(request.party.commitment->mark.sites, detect);
  detect.alpha = ruling_alpha(*request.party.commitment);
  detect.threads = request.threads;
  detect.progress = request.progress;
  return verify::detect(suspect, detect);
}

Result<verify::LogitsDetection> read_share(const embed::Logits& logits,
                                           const std::vector<std::string>& labels,
                                           std::optional<double> softcap,
                                           const ShareRequest& request) {
  const auto share = disclosed_share(*request.party.commitment, *request.party.disclosure);
  verify::LogitsRequest detect;
  detect.disclosed = &share;
  detect.softcap = softcap;
  detect.alpha = ruling_alpha(*request.party.commitment);
  detect.threads = request.threads;
  detect.progress = request.progress;
  return verify::detect_in_logits(logits, labels, detect);
}

LinkFacts link_of(const verify::Detection& found, std::string frame) {
  using verify::FrameSource;
  LinkFacts out;
  out.level = found.level;
  out.z = found.z;
  out.expected_z = found.expected_z;
  out.ln_p = found.ln_p;
  out.price = found.price;
  out.frame = std::move(frame);
  out.is_release_frame = found.frame == FrameSource::recorded ||
                         found.frame == FrameSource::shared || found.frame == FrameSource::carried;
  out.claim = found.claim;
  if (found.doubt) out.doubt = found.doubt->text;
  return out;
}

LinkFacts link_of(const verify::LogitsDetection& found) {
  LinkFacts out;
  out.level = found.level;
  out.z = found.best.z;
  out.ln_p = found.ln_p;
  out.price = found.best.price;
  out.frame = "the labels of the logits' columns";
  out.claim = found.claim;
  return out;
}

CrossCell cross_cell(const verify::Detection& found) {
  return {found.z, report::is_yes(found.level)};
}

std::optional<CrossCell> blind_cell(const verify::Detection& found, const ShareRequest& request) {
  // The release's frames come after the first one, and a conclusive reading ends there.
  const bool is_blind = request.carried == nullptr && request.release_labels.empty();
  const bool is_first = found.place <= 1 + verify::kWindowsMax;
  if (!is_blind && !(is_first && verify::is_conclusive(found.z, found.price))) return std::nullopt;
  // By p alone: a control makes the link undecided, and is no part of a blind reading.
  const double alpha = ruling_alpha(*request.party.commitment);
  return CrossCell{found.z, verify::yes_level(found.ln_p, alpha).has_value()};
}

}  // namespace wmk::claims
