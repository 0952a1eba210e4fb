#include "verify/other_readings.h"

#include <algorithm>
#include <span>
#include <utility>

#include "verify/careful_windows.h"
#include "verify/carried.h"
#include "verify/reading_pass.h"
#include "verify/structure_cache.h"

namespace wmk::verify {

namespace {

std::vector<FrameSource> frames_of(const PlannedReading& reading) {
  std::vector<FrameSource> out;
  for (const Hypothesis& each : reading.hypotheses) out.push_back(each.frame);
  return out;
}

class OtherReadings {
 public:
  OtherReadings(const DetectRequest& request, StructureCache& structures, Answer& answer)
      : request_(request), answer_(answer), structures_(structures) {}

  void add(PlannedReading reading) { pending_.push_back(std::move(reading)); }

  // A frame that needs no labels shows the same in two readings with equal units.
  void drop_known(PlannedReading& reading) const {
    const auto is_known = [&](const PlannedReading& other) {
      return other.reading.anatomy->token_embedding == reading.reading.anatomy->token_embedding &&
             are_units_equal(other.reading, reading.reading);
    };
    if (std::none_of(pending_.begin(), pending_.end(), is_known)) return;
    std::erase_if(reading.hypotheses,
                  [](const Hypothesis& each) { return each.frame != FrameSource::strings; });
  }

  void run() {
    for (const PlannedReading& each : pending_) windows_.push_back(with_windows(each.hypotheses));
    if (const auto fitting = fitting_reading()) run_one(*fitting);
    for (size_t i = 0; i < pending_.size() && !answer_.is_settled(); ++i) run_one(i);
    for (size_t i = 0; i < pending_.size(); ++i) {
      if (!needs_windows(pending_[i])) continue;
      const auto sites = new_sites(request_.sites, pending_[i], std::span(pending_).first(i));
      for (const Hypothesis& plain : windows_[i])
        if (!answer_.is_settled()) run_windows(pending_[i], plain, sites);
    }
  }

 private:
  // The first reading in which the release's neurons are found is tried first.
  std::optional<size_t> fitting_reading() {
    for (size_t i = 0; request_.carried != nullptr && i < pending_.size(); ++i) {
      drop_uncarried(i);
      for (const Hypothesis& each : pending_[i].hypotheses) {
        if (each.frame == FrameSource::carried) return i;
      }
    }
    return std::nullopt;
  }

  // A later reading that the pass of reading `i` can score as well.
  PlannedReading* partner_of(size_t i) {
    for (size_t k = i + 1; k < pending_.size(); ++k) {
      PlannedReading& other = pending_[k];
      const auto frames = frames_of(pending_[i]);
      const auto has_frame = [&](const Hypothesis& each) {
        return std::find(frames.begin(), frames.end(), each.frame) != frames.end();
      };
      if (other.hypotheses.empty() || changes_heads(other) ||
          !std::all_of(other.hypotheses.begin(), other.hypotheses.end(), has_frame)) {
        continue;
      }
      if (!are_labels_equal(other.reading, pending_[i].reading)) continue;
      if (are_units_equal(pending_[i].reading, other.reading, true)) return &other;
    }
    return nullptr;
  }

  void run_one(size_t i) {
    PlannedReading& units = pending_[i];
    drop_uncarried(i);
    if (units.hypotheses.empty()) return;
    const auto sites = new_sites(request_.sites, units, std::span(pending_).first(i));
    PlannedReading* partner = sites[embed::Site::ffn] ? partner_of(i) : nullptr;
    const auto sources = frames_of(units);
    std::vector<FrameStructures> frames;
    for (const FrameSource source : sources) {
      auto made = structures_.get(units.reading, source, units.plan.whole().read);
      if (!made) return add_faults(units, made.error());
      frames.push_back(*std::move(made));
    }
    std::vector<PassEntry> entries;
    for (const PlannedReading* reading : {&units, partner}) {
      if (reading == nullptr) continue;
      for (const Hypothesis& each : reading->hypotheses) {
        const auto at = std::find(sources.begin(), sources.end(), each.frame) - sources.begin();
        entries.push_back({reading, each, reading == partner, static_cast<size_t>(at)});
      }
    }
    const auto status = run_pass(units, sites, entries, frames, memo_, request_, answer_);
    for (PlannedReading* reading : {&units, partner}) {
      if (reading == nullptr) continue;
      if (!status) add_faults(*reading, status.error());
      reading->hypotheses.clear();
    }
  }

  // Where the declared reading shows nothing unusual, nor do others, except where the true gates
  // are named up: only equal gates are merged.
  bool needs_windows(const PlannedReading& reading) const {
    if (answer_.is_careful() || request_.readings == ReadingScope::all) return true;
    if (reading.reading.changes.empty()) return false;
    return are_units_equal(pending_.front().reading, reading.reading, true) &&
           are_labels_equal(pending_.front().reading, reading.reading);
  }

  // A frame that the release's neurons would carry is dropped where they are not found.
  void drop_uncarried(size_t i) {
    PlannedReading& reading = pending_[i];
    const auto is_carried = [](const Hypothesis& each) {
      return each.frame == FrameSource::carried;
    };
    std::erase_if(reading.hypotheses, [&](const Hypothesis& each) {
      if (!is_carried(each) || request_.sites == kHeadAlone) return is_carried(each);
      auto fit = request_.carried->fit(reading.subject(), {request_.threads, request_.progress});
      if (fit && (*fit)->found()) return false;
      answer_.add_fault(reading.reading.words(), each,
                        fit ? (*fit)->why_not : fit.error().message());
      std::erase_if(windows_[i], is_carried);
      return true;
    });
  }

  // Windows of one frame. What cannot be read has no windows.
  void run_windows(const PlannedReading& reading, const Hypothesis& plain, embed::Sites sites) {
    sites[embed::Site::output] = false;
    const auto structures =
        structures_.get(reading.reading, plain.frame, reading.plan.whole().read);
    if (!structures) return;
    const double part = pass_parts(reading.plan, reading.reading.anatomy->weight_count()).front();
    const auto try_part = [&](double much) {
      const embed::ScanMemo memo{&memo_, structures->number};
      return try_windows(reading, plain, *structures->structures, {sites, much, memo}, request_,
                         answer_);
    };
    const auto is_open = try_part(part);
    if (is_open && *is_open && part < 1 && !answer_.is_settled()) (void)try_part(1);
  }

  void add_faults(PlannedReading& reading, const Error& error) {
    for (const Hypothesis& each : std::exchange(reading.hypotheses, {}))
      answer_.add_fault(reading.reading.words(), each, error.message());
  }

  const DetectRequest& request_;
  Answer& answer_;
  StructureCache& structures_;
  embed::CoordinateMemo memo_{kMemoBytes};
  std::vector<PlannedReading> pending_;
  std::vector<std::vector<Hypothesis>> windows_;  // of each: whose windows are tried
};

}  // namespace

void try_other_readings(checkpoint::ReadingList& list, HypothesisList& places,
                        std::optional<PlannedReading> declared, const DetectRequest& request,
                        StructureCache& structures, Answer& answer) {
  if (!list.declared()) answer.set_careful();
  OtherReadings others(request, structures, answer);
  if (declared) others.add(*std::move(declared));
  const size_t end = end_of(request.readings);
  for (size_t i = 1; i < end && list.has(i); ++i) {
    auto reading = list.open(i);
    if (!reading) continue;
    auto hypotheses = places.add_reading(
        frames_at_hand(*reading->vocabulary, reading->anatomy->width, inputs_of(request)));
    auto plan = plan_detection(*reading->anatomy, request);
    if (!plan) {
      answer.add_fault(reading->words(), hypotheses.front(), plan.error().message());
      continue;
    }
    const auto& vocabulary = *reading->vocabulary;
    std::erase_if(hypotheses, [&](const Hypothesis& each) {
      return !is_wanted(each.frame, vocabulary, request);
    });
    if (is_read_in_one_frame(*reading) && request.readings != ReadingScope::all &&
        !hypotheses.empty()) {
      hypotheses.resize(1);
    }
    PlannedReading planned{*std::move(reading), *std::move(plan), std::move(hypotheses)};
    others.drop_known(planned);
    others.add(std::move(planned));
  }
  others.run();
}

}  // namespace wmk::verify
