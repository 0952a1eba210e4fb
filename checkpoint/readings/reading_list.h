// The list of readings of one suspect (specs/readings.md).
//
// Purpose: written from the suspect's bytes alone, before anything is scored: the declared reading,
// then each alternative alone in the order of the axes, then pairs. Places and prices follow from
// it. Readings that are equal occur once. The list grows as far as it is asked for, and readings
// are made when they are opened. Lifetime: owns what it opened. Thread-safety: one caller.
#pragma once

#include "checkpoint/readings/reading_maker.h"

namespace wmk::checkpoint {

class ReadingList {
 public:
  explicit ReadingList(ReadingSource source);
  // Only this reading, which is the declared one. Refers to nothing but it.
  explicit ReadingList(Reading declared);

  // The declared reading keeps place 0 where it cannot be made; then the Error says why.
  const Result<Reading>& declared() const { return declared_; }
  // Null if there is none, or it cannot be read.
  const Config* config() { return maker_ ? maker_->config() : nullptr; }
  // Whether the list has more than `index` readings.
  bool has(size_t index);
  // What reading `index` of the list changes.
  const std::vector<Change>& changes(size_t index) const { return entries_[index].changes; }
  Result<Reading> open(size_t index);

 private:
  struct Entry {
    std::vector<Change> changes;
    uint64_t hash = 0;
  };
  bool extend();
  void propose(std::vector<Change> changes);
  bool is_listed(const Reading& reading, uint64_t hash);
  uint64_t hash_of(const Reading& reading);

  std::optional<ReadingMaker> maker_;
  Result<Reading> declared_;
  std::vector<Entry> entries_;
  std::map<std::shared_ptr<const Vocabulary>, std::optional<uint64_t>> label_hashes_;
  std::optional<std::vector<Change>> singles_;  // once asked for
  size_t next_single_ = 0;
  size_t next_first_ = 0;  // of a pair
};

}  // namespace wmk::checkpoint
