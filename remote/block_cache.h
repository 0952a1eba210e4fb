// Blocks of files that were read lately, in bounded memory.
//
// Purpose: small reads near one another cost one request, and no block is asked for twice at the
// same time. Lifetime: shared by all files of a run. Thread-safety: any thread. A thread that has
// claimed blocks does not wait for others, so that no two wait for each other.
#pragma once

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/bytes.h"

namespace wmk::remote {

class BlockCache {
 public:
  using Block = std::shared_ptr<const Bytes>;
  // File and number of the block in it.
  using Key = std::pair<uint64_t, uint64_t>;

  explicit BlockCache(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // The block; null: the caller has claimed it, and puts it or gives it up. Waits while another
  // thread loads it.
  Block find_or_claim(const Key& key);
  // Whether the block was unknown and is now claimed. Never waits.
  bool claim(const Key& key);
  void put(const Key& key, Block block);
  void give_up(const Key& key);

 private:
  struct Entry {
    Block block;  // null: claimed
    std::list<Key>::iterator place;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, Entry> entries_;
  std::list<Key> by_use_;  // the latest first; without claimed ones
  const uint64_t bytes_max_;
  uint64_t bytes_ = 0;
};

}  // namespace wmk::remote
