// One pass over the sites of a model: neurons analysis by analysis, and as large a part of the
// heads (specs/verdicts.md 2).
//
// Lifetime: refers to the reading and the structures. Thread-safety: one caller; starts its own
// workers; the readings are the same for any number of them.
#pragma once

#include <optional>
#include <vector>

#include "embed/read/head_scan.h"
#include "embed/read/scan.h"
#include "verify/site_reading.h"

namespace wmk::verify {

// What a pass reads.
struct SitePass {
  embed::Sites sites;
  std::vector<checkpoint::UnitBlock> order = {};
  std::vector<size_t> ends = {};  // of the analyses, in `order`
  // Also score neurons with gate and up exchanged.
  bool exchanges = false;
  embed::ScanMemo memo = {};
  bool hard_only = false;  // neurons without soft tags
  embed::VectorMemo* heads_memo = nullptr;
  // Without neurons: the parts of the heads after which there is an analysis.
  std::vector<double> head_parts = {1};
  embed::ScanParts parts = {};
  bool heads_later = false;  // none at the first of several analyses of neurons
};

class SiteScan {
 public:
  SiteScan(const Subject& subject, const std::vector<embed::Structure>& structures, SitePass pass);

  // Nothing can be read: the model has none of the sites.
  bool is_empty() const { return !ffn_ && !heads_; }
  size_t analysis_count() const { return ffn_ ? ffn_->analysis_count() : head_parts_.size(); }
  // Coordinates of neurons are kept from here on.
  void keep_coordinates(embed::ScanMemo memo) {
    if (ffn_) ffn_->keep_coordinates(memo);
  }
  size_t analyses_left() const { return ffn_ ? ffn_->analyses_left() : 0; }
  bool done() const { return ffn_ ? ffn_->done() : analyses_ == head_parts_.size(); }
  // Reads up to the next analysis.
  Status advance(unsigned threads, Progress* progress);
  // What was read so far; `shares` are those of the structures. `exchanged`: of the neurons with
  // gate and up exchanged, without other sites.
  std::vector<SiteReading> readings(const std::vector<unsigned>& shares, unsigned threads,
                                    bool exchanged = false) const;
  uint64_t bytes() const;

  static uint64_t bytes_of(const Subject& subject, embed::Sites sites);

 private:
  const checkpoint::Anatomy& anatomy_;
  const std::vector<embed::Structure>& structures_;
  std::optional<embed::Scan> ffn_;
  std::optional<embed::HeadScan> heads_;
  std::vector<double> head_parts_;
  bool heads_later_ = false;
  size_t analyses_ = 0;  // of heads alone
};

// Why a scan of this model is empty.
Error no_site(const checkpoint::Anatomy& anatomy);

// Appends the shares of `more` to those of `known`, site by site.
std::vector<SiteReading> with_known(const std::vector<SiteReading>& known,
                                    std::vector<SiteReading> more);

}  // namespace wmk::verify
