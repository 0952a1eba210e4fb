#include "base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace wmk {

unsigned default_threads() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

namespace {

// What went wrong first, by index: an Error that the work returned, or an exception that it threw.
class FirstFailure {
 public:
  bool any() const { return any_.load(std::memory_order_relaxed); }

  void note(size_t index, std::optional<Error> error, std::exception_ptr thrown) {
    any_ = true;
    const std::lock_guard lock(mutex_);
    if (index >= index_) return;
    index_ = index;
    error_ = std::move(error);
    thrown_ = std::move(thrown);
  }

  // For the thread that called parallel_for, after all workers have ended.
  Status take() && {
    if (thrown_) std::rethrow_exception(std::move(thrown_));
    if (error_) return std::move(*error_);
    return {};
  }

 private:
  std::atomic<bool> any_{false};
  std::mutex mutex_;
  size_t index_ = std::numeric_limits<size_t>::max();
  std::optional<Error> error_;
  std::exception_ptr thrown_;
};

}  // namespace

Status parallel_for(size_t count, unsigned threads,
                    const std::function<Status(size_t index, unsigned worker)>& work) {
  std::atomic<size_t> next{0};
  FirstFailure failure;

  const auto run = [&](unsigned worker) {
    while (!failure.any()) {
      const size_t index = next.fetch_add(1);
      if (index >= count) return;
      try {
        Status status = work(index, worker);
        if (!status) failure.note(index, std::move(status).error(), nullptr);
      } catch (...) {
        failure.note(index, std::nullopt, std::current_exception());
      }
    }
  };

  const auto helpers = static_cast<unsigned>(std::min<size_t>(std::max(1u, threads), count));
  {
    std::vector<std::jthread> pool;
    pool.reserve(helpers);
    try {
      for (unsigned worker = 1; worker < helpers; ++worker) pool.emplace_back(run, worker);
    } catch (const std::exception&) {
      // The system starts no more threads. Those that run give the same result.
    }
    run(0);
  }
  return std::move(failure).take();
}

}  // namespace wmk
