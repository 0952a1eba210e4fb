// The answer of a detection while it is found: the total with the smallest p so far.
//
// Lifetime: owns the Detection until it is taken. Thread-safety: one thread.
#pragma once

#include "checkpoint/readings/reading.h"
#include "verify/site_reading.h"

namespace wmk::verify {

// One reading of the model on its way through detection.
struct PlannedReading {
  checkpoint::Reading reading;
  DetectPlan plan;
  std::vector<Hypothesis> hypotheses;  // plain ones that are still to be tried

  Subject subject() const { return subject_of(reading); }
};

// The part of the mark that a frame scores.
double scored_part(const PlannedReading& reading, FrameSource frame, const DetectRequest& request);

class Answer {
 public:
  explicit Answer(const DetectRequest& request) : request_(request) {}

  // Takes in all totals of one hypothesis at one analysis, in each site and in all together: keeps
  // the one with the smallest p, and what the hypothesis showed.
  void consider(const PlannedReading& where, const Hypothesis& hypothesis,
                const std::vector<unsigned>& totals, const std::vector<SiteReading>& sites);
  void add_fault(std::string reading, const Hypothesis& hypothesis, std::string why);
  // Careful sketches of the declared reading differ from plain ones.
  void set_careful() { is_careful_ = true; }
  bool is_careful() const { return is_careful_; }
  void add_bytes(uint64_t bytes) { found_.bytes_read += bytes; }

  bool is_conclusive() const { return is_conclusive_; }
  // Conclusive; with --full not while other sites are, and neurons that would have shown the mark
  // show nothing: they may be described wrongly.
  bool is_settled() const;
  // Whether an untouched copy would show clearly more in the carried frame, at no further
  // condition: the answer rests on a shared or recorded frame.
  bool is_below_carried(const PlannedReading& reading) const;
  // The sites whose windows are read: both unless the answer is conclusive; with --full also one
  // whose plain sketch was drowned: it is longer, or shows less, than that of an untouched copy.
  embed::Sites wanted_windows() const;
  bool is_yes() const { return yes_level(found_.ln_p, request_.alpha).has_value(); }
  // The shares that the total of the answer adds up.
  const std::vector<unsigned>& shares() const { return shares_; }
  // The reading of the answer.
  const checkpoint::Reading& reading() const { return reading_; }
  // What this hypothesis showed at its last analysis.
  const Tried& last() const { return found_.tried.back(); }
  Detection& found() { return found_; }
  const Detection& found() const { return found_; }

 private:
  bool is_ffn_drowned() const;
  bool shows_less(embed::Site site) const;
  // What plain sketches of a reading showed in a frame when they were scored last.
  struct Plain {
    size_t reading = 0;
    FrameSource frame = FrameSource::strings;
    std::vector<SiteReading> sites;
  };
  void keep_plain(const Hypothesis& hypothesis, const std::vector<SiteReading>& sites);
  // `sites` and, beside a window, the plain sketches of the other sites.
  std::vector<SiteReading> with_plain(const Hypothesis& hypothesis,
                                      std::vector<SiteReading> sites) const;
  void note_window(const Hypothesis& hypothesis, const SiteScore& score);
  void keep(const PlannedReading& where, const Hypothesis& hypothesis, const SiteScore& score,
            unsigned count, const std::vector<SiteReading>& sites);

  const DetectRequest& request_;
  Detection found_;
  double score_ = 0;  // ln_price_p of the answer
  checkpoint::Reading reading_;
  std::vector<unsigned> shares_;
  std::vector<Plain> plain_;
  bool is_conclusive_ = false;
  bool is_careful_ = false;
};

}  // namespace wmk::verify
