#include "crypto/no_core_dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstddef>
#include <mutex>

namespace wmk::crypto {

namespace {

// What the process may do, and how many objects forbid it.
class CoreDumps {
 public:
  void forbid() {
    const std::lock_guard lock(mutex_);
    if (count_++ > 0) return;
    dumpable_ = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limited_ = ::getrlimit(RLIMIT_CORE, &before_) == 0;
    const rlimit none{0, before_.rlim_max};  // the hard limit stays: it could not be raised again
    limited_ = limited_ && ::setrlimit(RLIMIT_CORE, &none) == 0;
  }

  void permit() {
    const std::lock_guard lock(mutex_);
    if (--count_ > 0) return;
    if (limited_) ::setrlimit(RLIMIT_CORE, &before_);
    // 2 (dumps for root only) cannot be set again, and 0 is stricter.
    if (dumpable_ == 1) ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  }

 private:
  std::mutex mutex_;
  size_t count_ = 0;
  int dumpable_ = 1;
  bool limited_ = false;
  rlimit before_{};
};

// Never destroyed: secrets of static lifetime may outlive any other object.
CoreDumps& core_dumps() {
  static auto* const all = new CoreDumps;
  return *all;
}

}  // namespace

NoCoreDump::NoCoreDump() { core_dumps().forbid(); }
NoCoreDump::NoCoreDump(const NoCoreDump&) { core_dumps().forbid(); }
NoCoreDump::~NoCoreDump() { core_dumps().permit(); }

}  // namespace wmk::crypto
