#include "checkpoint/readings/reading_list.h"

#include <algorithm>

namespace wmk::checkpoint {

namespace {

// A pair is written in one order only. Two changes of roles go together where the first exchanges
// gate and up, which is the first one of its axis.
bool may_follow(const Change& first, const Change& second, const Change& first_of_all) {
  if (second == first) return false;
  if (second.axis == first.axis) return first.axis == Axis::roles && first == first_of_all;
  return second.axis > first.axis;
}

}  // namespace

ReadingList::ReadingList(ReadingSource source)
    : maker_(ReadingMaker(std::move(source))), declared_(maker_->make({})) {
  entries_.emplace_back();
}

ReadingList::ReadingList(Reading declared) : declared_(std::move(declared)) {
  entries_.emplace_back();
}

bool ReadingList::has(size_t index) {
  while (entries_.size() <= index) {
    if (!extend()) return false;
  }
  return true;
}

Result<Reading> ReadingList::open(size_t index) {
  return index == 0 ? declared_ : maker_->make(entries_[index].changes);
}

// Many readings have the same labels.
uint64_t ReadingList::hash_of(const Reading& reading) {
  auto& labels = label_hashes_[reading.vocabulary];
  if (!labels) labels = checkpoint::hash_of(*reading.vocabulary);
  return checkpoint::hash_of(reading, *labels);
}

bool ReadingList::is_listed(const Reading& reading, uint64_t hash) {
  // Heads alone make a reading where it changes them, or the declared one has none.
  const bool declares_heads = declared_ && !declared_->anatomy->heads.layers.empty();
  const bool counts_heads = !reading.anatomy->heads.layers.empty() &&
                            (!declares_heads || change_of(reading.changes, Axis::heads));
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].hash != hash || (i == 0 && !declared_)) continue;
    const auto other = open(i);
    if (!other || !are_equal(*other, reading)) continue;
    if (!counts_heads || are_heads_equal(*other, reading)) return true;
  }
  return false;
}

void ReadingList::propose(std::vector<Change> changes) {
  const auto reading = maker_->make(changes);
  if (!reading) return;
  const uint64_t hash = hash_of(*reading);
  if (!is_listed(*reading, hash)) entries_.push_back({std::move(changes), hash});
}

// One step of the list, which adds any number of readings; false: the list is complete.
bool ReadingList::extend() {
  if (!maker_) return false;
  if (!singles_ && declared_) entries_.front().hash = hash_of(*declared_);
  if (!singles_) singles_ = declared_ ? maker_->alternatives(*declared_) : maker_->replacements();
  if (next_single_ < singles_->size()) {
    propose({(*singles_)[next_single_++]});
    return true;
  }
  if (next_first_ == singles_->size()) return false;
  const Change first = (*singles_)[next_first_++];
  const auto reading = maker_->make({first});
  if (!reading) return true;
  for (const Change& second : maker_->alternatives(*reading)) {
    // Other heads go with what stands in for a declared reading that cannot be made.
    if (declared_ && (first.axis == Axis::heads || second.axis == Axis::heads)) continue;
    if (may_follow(first, second, singles_->front())) propose({first, second});
  }
  return true;
}

}  // namespace wmk::checkpoint
