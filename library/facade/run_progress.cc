#include "library/facade/run_progress.h"

#include <algorithm>

namespace wmk::library {

namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

}  // namespace

void RunProgress::tell(const std::lock_guard<std::mutex>&) {
  if (!run_.progress) return;
  told_ = Clock::now();
  if (thrown_) std::rethrow_exception(thrown_);
  is_cancelled_ = is_cancelled_ || !run_.progress(state_);
  if (is_cancelled_) throw Cancelled();
}

void RunProgress::begin(const char* stage, uint64_t work, Unit unit) {
  const std::lock_guard lock(mutex_);
  state_ = {stage, 0, work, unit == Unit::bytes};
  tell(lock);
}

void RunProgress::advance(uint64_t work) {
  const std::lock_guard lock(mutex_);
  state_.done = std::min(state_.total, state_.done + work);
  if (is_cancelled_ || Clock::now() - told_ >= kInterval) tell(lock);
}

void RunProgress::end() noexcept {
  const std::lock_guard lock(mutex_);
  state_.done = state_.total;
  if (!run_.progress || is_cancelled_ || thrown_) return;
  try {
    is_cancelled_ = !run_.progress(state_);
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

}  // namespace wmk::library
