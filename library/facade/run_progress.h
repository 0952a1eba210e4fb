// Run::progress as the modules report to it.
//
// Thread-safety: locks.
#pragma once

#include <chrono>
#include <exception>
#include <mutex>

#include "library/facade/convert.h"

namespace wmk::library {

// begin() and advance() throw Cancelled in the thread that reports when the caller wants to stop,
// or what Run::progress threw; parallel_for throws it again in the caller's thread.
class RunProgress : public Progress {
 public:
  explicit RunProgress(const weightmark::Run& run) : run_(run) {}
  void begin(const char* stage, uint64_t work, Unit unit) override;
  void advance(uint64_t work) override;
  void end() noexcept override;

 private:
  using Clock = std::chrono::steady_clock;
  void tell(const std::lock_guard<std::mutex>&);

  const weightmark::Run& run_;
  std::mutex mutex_;
  weightmark::Progress state_;
  Clock::time_point told_ = {};
  bool is_cancelled_ = false;
  std::exception_ptr thrown_ = nullptr;  // by Run::progress at the end of a stage
};

}  // namespace wmk::library
