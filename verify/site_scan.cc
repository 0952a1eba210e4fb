#include "verify/site_scan.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::verify {

using embed::Site;

SiteScan::SiteScan(const Subject& subject, const std::vector<embed::Structure>& structures,
                   SitePass pass)
    : anatomy_(*subject.anatomy), structures_(structures), head_parts_(std::move(pass.head_parts)) {
  if (pass.sites[Site::ffn]) {
    ffn_.emplace(*subject.checkpoint, anatomy_, structures, std::move(pass.order),
                 std::move(pass.ends), pass.exchanges, pass.memo);
    if (pass.hard_only) ffn_->read_hard_only();
    ffn_->use(pass.parts.named(", ffn"));
  }
  heads_later_ = pass.heads_later && ffn_.has_value();
  if (pass.sites[Site::heads] && !anatomy_.heads.layers.empty()) {
    heads_.emplace(*subject.checkpoint, anatomy_, structures);
    heads_->use(pass.heads_memo);
    heads_->use(pass.parts.named(", heads"));
  }
}

uint64_t SiteScan::bytes_of(const Subject& subject, embed::Sites sites) {
  uint64_t sum = 0;
  if (sites[Site::ffn]) sum += embed::weight_bytes(*subject.checkpoint, *subject.anatomy);
  if (sites[Site::heads]) sum += embed::head_bytes(*subject.checkpoint, *subject.anatomy);
  return sum;
}

Status SiteScan::advance(unsigned threads, Progress* progress) {
  double part = head_parts_[std::min(analyses_++, head_parts_.size() - 1)];
  if (ffn_) {
    Status status = ffn_->advance(threads, progress);
    if (!status) return status;
    part = ffn_->part_read();
    if (heads_later_ && analyses_ == 1 && !ffn_->done()) return {};
    heads_later_ = false;
  }
  return heads_ ? heads_->advance(part, threads, progress) : Status();
}

std::vector<SiteReading> SiteScan::readings(const std::vector<unsigned>& shares, unsigned threads,
                                            bool exchanged) const {
  std::vector<SiteReading> out;
  if (ffn_) {
    const embed::SketchSet& sketches = exchanged ? ffn_->exchanged() : ffn_->sketches();
    out.push_back(ffn_reading(anatomy_, embed::read_shares(shares, structures_, sketches, threads),
                              sketches));
  }
  if (heads_ && !exchanged && !heads_later_) {
    const embed::HeadSketchSet& sketches = heads_->sketches();
    out.push_back(head_reading(
        anatomy_, embed::read_head_shares(shares, structures_, sketches, threads), sketches));
  }
  return out;
}

uint64_t SiteScan::bytes() const {
  return (ffn_ ? ffn_->sketches().bytes : 0) + (heads_ ? heads_->sketches().bytes : 0);
}

Error no_site(const checkpoint::Anatomy& anatomy) {
  return Error(ErrorCode::unsupported,
               cat("none of the requested sites can be read",
                   anatomy.heads.missing.empty() ? "" : cat(": ", anatomy.heads.missing)));
}

std::vector<SiteReading> with_known(const std::vector<SiteReading>& known,
                                    std::vector<SiteReading> more) {
  for (size_t i = 0; i < known.size() && i < more.size(); ++i) {
    more[i].shares.insert(more[i].shares.begin(), known[i].shares.begin(), known[i].shares.end());
  }
  return more;
}

}  // namespace wmk::verify
