// Work on several threads: what goes wrong in a worker reaches the caller.
#include "base/parallel.h"

#include <sys/resource.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <new>
#include <stdexcept>

#include "base/text.h"
#include "tests/support/sanitized.h"

namespace wmk {

TEST_CASE("an exception in a worker thread is thrown again in the caller's") {
  for (const unsigned threads : {2u, 4u}) {
    std::atomic<bool> thrown = false;
    const auto run_out = [&](size_t, unsigned worker) -> Status {
      if (worker != 0 && !thrown.exchange(true)) throw std::bad_alloc();
      while (!thrown) {  // worker 0 is the caller's thread: it leaves the exception to another
      }
      return {};
    };
    CHECK_THROWS_AS(parallel_for(100, threads, run_out), std::bad_alloc);
    CHECK(thrown);
  }
  const auto fail_alone = [](size_t, unsigned) -> Status { throw std::runtime_error("alone"); };
  CHECK_THROWS_WITH(parallel_for(1, 1, fail_alone), "alone");
}

TEST_CASE("of several failures the one with the smallest index is reported") {
  for (const unsigned threads : {1u, 4u}) {
    const auto status = parallel_for(4, threads, [](size_t index, unsigned) -> Status {
      return Error(ErrorCode::io, cat("number ", index));
    });
    REQUIRE_FALSE(status);
    if (threads == 1) CHECK(status.error().message() == "number 0");
  }
  // An exception and an error are ordered alike.
  std::atomic<int> started = 0;
  const auto both = [&](size_t index, unsigned) -> Status {
    ++started;
    while (started < 2) {
    }
    if (index == 0) throw std::runtime_error("first");
    return Error(ErrorCode::io, "second");
  };
  CHECK_THROWS_WITH(parallel_for(2, 2, both), "first");
}

#if !WMK_SANITIZED  // sanitizers need more address space
TEST_CASE("where the system starts no more threads the work is done by fewer") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  rlimit tight = before;
  tight.rlim_cur = 1 << 20;  // less than is in use: no stack of another thread fits
  std::atomic<size_t> done = 0;
  REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
  const auto status = parallel_for(200, 64, [&](size_t, unsigned) -> Status {
    ++done;
    return {};
  });
  REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(status);
  CHECK(done == 200);
}
#endif

}  // namespace wmk
