#include "remote/block_cache.h"

namespace wmk::remote {

BlockCache::Block BlockCache::find_or_claim(const Key& key) {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto [found, is_new] = entries_.try_emplace(key);
    if (is_new) return nullptr;
    if (found->second.block) {
      by_use_.splice(by_use_.begin(), by_use_, found->second.place);
      return found->second.block;
    }
    changed_.wait(lock);
  }
}

bool BlockCache::claim(const Key& key) {
  const std::lock_guard lock(mutex_);
  return entries_.try_emplace(key).second;
}

void BlockCache::put(const Key& key, Block block) {
  const std::lock_guard lock(mutex_);
  bytes_ += block->size();
  by_use_.push_front(key);
  entries_[key] = {std::move(block), by_use_.begin()};
  while (bytes_ > bytes_max_ && by_use_.size() > 1) {
    const auto oldest = entries_.find(by_use_.back());
    bytes_ -= oldest->second.block->size();
    entries_.erase(oldest);
    by_use_.pop_back();
  }
  changed_.notify_all();
}

void BlockCache::give_up(const Key& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
  changed_.notify_all();
}

}  // namespace wmk::remote
