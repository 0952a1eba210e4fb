// How a long computation runs: threads, progress, cancellation.
//
// Thread-safety: `progress` is called from one thread at a time, which may be any of the workers.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace weightmark {

struct Progress {
  std::string_view stage;  // "reading"; valid during the call
  uint64_t done = 0;       // of `total`, in bytes or steps
  uint64_t total = 0;
  bool are_bytes = true;
};

struct Run {
  unsigned threads = 0;  // 0: all processors of this process
  // Called at the begin and end of each stage, and in it about ten times a second or less often.
  // False: stop. Then the function returns an Error of kind `cancelled`, and no output is left
  // behind. A false at the end of the last stage is ignored: the result is returned.
  std::function<bool(const Progress&)> progress = nullptr;
};

}  // namespace weightmark
