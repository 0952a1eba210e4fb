#include "base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
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

Status parallel_for(size_t count, unsigned threads,
                    const std::function<Status(size_t index, unsigned worker)>& work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::optional<Error> first;
  size_t first_index = count;

  const auto run = [&](unsigned worker) {
    while (!failed.load(std::memory_order_relaxed)) {
      const size_t index = next.fetch_add(1);
      if (index >= count) return;
      Status status = work(index, worker);
      if (status) continue;
      failed = true;
      const std::lock_guard lock(mutex);
      if (index < first_index) {
        first_index = index;
        first = std::move(status).error();
      }
    }
  };

  const auto helpers = static_cast<unsigned>(std::min<size_t>(std::max(1u, threads), count));
  {
    std::vector<std::jthread> pool;
    for (unsigned worker = 1; worker < helpers; ++worker) pool.emplace_back(run, worker);
    run(0);
  }
  if (first) return std::move(*first);
  return {};
}

}  // namespace wmk
