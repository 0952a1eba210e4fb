// Progress of a long computation, reported to whatever displays it.
//
// Thread-safety: advance may be called from any worker; the implementation locks.
#pragma once

#include <cstdint>

namespace wmk {

class Progress {
 public:
  enum class Unit { bytes, steps };

  virtual ~Progress() = default;
  // Begins a stage with this amount of work. `stage` must stay valid until end().
  virtual void begin(const char* stage, uint64_t work, Unit unit = Unit::bytes) = 0;
  virtual void advance(uint64_t work) = 0;
  // Destructors call it.
  virtual void end() noexcept = 0;
};

// A stage of equal steps that ends with its scope; without `progress` it does nothing.
class Steps {
 public:
  // `stage`: as for begin(). `work`: of each step.
  Steps(Progress* progress, const char* stage, uint64_t count, uint64_t work = 1,
        Progress::Unit unit = Progress::Unit::steps)
      : progress_(progress), work_(work) {
    if (progress_) progress_->begin(stage, count * work, unit);
  }
  ~Steps() {
    if (progress_) progress_->end();
  }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  void advance() {
    if (progress_) progress_->advance(work_);
  }

 private:
  Progress* progress_;
  uint64_t work_;
};

}  // namespace wmk
