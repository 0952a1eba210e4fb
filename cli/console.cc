#include "cli/console.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"

namespace wmk::cli {

namespace {

bool is_silent = false;
std::optional<Error> last_failure;

void write_line(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fputc('\n', to);
}

void line(std::FILE* to, std::string_view text) {
  if (!is_silent) write_line(to, text);
}

constexpr std::chrono::milliseconds kRedraw{100};
constexpr int kBarCells = 24;

}  // namespace

void print_error(const Error& error) {
  write_line(stderr, cat("weightmark: error: ", error.message()));
  if (!error.hint().empty()) write_line(stderr, cat("weightmark: hint: ", error.hint()));
}

int fail(const Error& error) {
  last_failure = error;
  if (!is_silent) print_error(error);
  return kError;
}

const std::optional<Error>& failure() { return last_failure; }

void be_silent() {
  is_silent = true;
  // CLI11 prints help itself.
  if (std::freopen("/dev/null", "w", stdout) == nullptr) std::fclose(stdout);
}

void warn(std::string_view text) { line(stderr, cat("weightmark: warning: ", text)); }
void note(std::string_view text) { line(stderr, cat("weightmark: note: ", text)); }
void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void ProgressBar::begin(const char* stage, uint64_t work, Unit unit) {
  if (!visible_) return;
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  unit_ = unit;
  total_ = work;
  done_ = 0;
  started_ = Clock::now();
  draw(started_);
}

void ProgressBar::advance(uint64_t work) {
  if (!visible_) return;
  const std::lock_guard lock(mutex_);
  done_ += work;
  const auto now = Clock::now();
  if (now - drawn_ >= kRedraw) draw(now);
}

void ProgressBar::draw(Clock::time_point now) {
  drawn_ = now;
  const double part = total_ == 0 ? 1 : std::min(1.0, static_cast<double>(done_) / total_);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  std::string bar(kBarCells, '.');
  std::fill_n(bar.begin(), static_cast<int>(part * kBarCells), '#');
  std::string text = cat("\r", stage_, " [", bar, "] ", fixed(part * 100, 0), " %");
  if (done_ > 0 && unit_ == Unit::bytes) {
    text += cat("  ", si(static_cast<double>(done_) / std::max(seconds, 1e-3), "B/s"));
  }
  if (done_ > 0) text += cat("  ", duration(seconds * (1 - part) / part), " left");
  text += "\x1b[K";
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
  on_screen_ = true;
}

void ProgressBar::end() noexcept {
  const std::lock_guard lock(mutex_);
  if (!on_screen_) return;
  std::fputs("\r\x1b[K", stderr);
  on_screen_ = false;
}

bool shows_progress(std::string_view mode, bool quiet) {
  if (quiet || mode == "never") return false;
  if (is_silent) return false;
  return mode == "always" || isatty(STDERR_FILENO) == 1;
}

}  // namespace wmk::cli
