// The voice of the program: answers on stdout, everything else on stderr.
//
// Thread-safety: ProgressBar locks; the functions are for the main thread.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "base/progress.h"
#include "base/result.h"

namespace wmk::cli {

// specs/cli.md, exit codes.
enum ExitCode : int { kYes = 0, kNo = 1, kCouldNotAsk = 2, kUndecided = 3 };

// Prints "weightmark: error: ..." and its hint; returns kCouldNotAsk.
int fail(const Error& error);
void warn(std::string_view text);
void note(std::string_view text);
// Writes the answer to stdout; a full disk or a closed pipe is noticed at exit.
void say(std::string_view text);

// Runs from its making.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

// A bar on stderr: the stage as soon as it begins, then the rate of bytes and the time left.
class ProgressBar : public Progress {
 public:
  explicit ProgressBar(bool visible) : visible_(visible) {}
  void begin(const char* stage, uint64_t work, Unit unit) override;
  void advance(uint64_t work) override;
  void end() override;

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

// "always", "never" or "auto" (a terminal on stderr); `quiet` wins.
bool shows_progress(std::string_view mode, bool quiet);

}  // namespace wmk::cli
