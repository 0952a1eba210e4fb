// Output of the program: answers go to stdout, everything else to stderr.
//
// Thread-safety: ProgressBar locks; the functions are for the main thread.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/progress.h"
#include "base/result.h"

namespace wmk::cli {

// specs/cli.md, exit codes.
enum ExitCode : int { kYes = 0, kNo = 1, kError = 2, kUndecided = 3 };

// Prints "weightmark: error: ..." and its hint; returns kError.
int fail(const Error& error);
// What fail() was last called with.
const std::optional<Error>& failure();
// Prints it as fail() does, even after be_silent().
void print_error(const Error& error);
// From now on nothing is printed: another process speaks (mpi/processes.h).
void be_silent();
void warn(std::string_view text);
void note(std::string_view text);
// Writes the answer to stdout. Errors (full disk, closed pipe) are detected at exit.
void say(std::string_view text);

// Measures time since its construction.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

// A progress bar on stderr: the stage, the rate of bytes and the time left.
class ProgressBar : public Progress {
 public:
  explicit ProgressBar(bool visible) : visible_(visible) {}
  void begin(const char* stage, uint64_t work, Unit unit) override;
  void advance(uint64_t work) override;
  void end() noexcept override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(Clock::time_point now);

  const bool visible_;
  std::mutex mutex_;
  const char* stage_ = "";
  Unit unit_ = Unit::bytes;
  uint64_t total_ = 0;
  uint64_t done_ = 0;
  Clock::time_point started_, drawn_;
  bool on_screen_ = false;
};

// `mode`: "always", "never" or "auto" (only if stderr is a terminal). `quiet` overrides it.
bool shows_progress(std::string_view mode, bool quiet);

}  // namespace wmk::cli
