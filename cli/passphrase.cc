#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>

#include "base/file.h"
#include "base/text.h"
#include "cli/inputs.h"

namespace wmk::cli {

namespace {

constexpr size_t kPassphraseBytesMax = 1024;

// Disables the echo of the terminal during its lifetime.
class SilentTerminal {
 public:
  explicit SilentTerminal(int descriptor) : descriptor_(descriptor) {
    tcgetattr(descriptor_, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(descriptor_, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() { tcsetattr(descriptor_, TCSAFLUSH, &before_); }

 private:
  int descriptor_;
  termios before_{};
};

// Holds back the signals that end, stop or continue a program, and returns them as values, so that
// the echo can be restored before they take effect. The destructor lets them through again.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&held_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT}) {
      sigaddset(&held_, number);
    }
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
    descriptor_ = ::signalfd(-1, &held_, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~HeldSignals() {
    ::close(descriptor_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  int descriptor() const { return descriptor_; }
  // The signal that arrived, or 0.
  int take() const {
    signalfd_siginfo info{};
    return ::read(descriptor_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                                  : 0;
  }

 private:
  sigset_t held_{}, before_{};
  int descriptor_ = -1;
};

// What the user typed, or the signal that came instead.
struct Typed {
  ssize_t bytes = -1;  // below 0: cannot read
  int signal = 0;
};

// Asks once. The terminal is as before when it returns.
Typed ask_once(int terminal, const char* prompt, std::span<std::byte> buffer) {
  const HeldSignals signals;
  const SilentTerminal silent(terminal);
  (void)!::write(terminal, prompt, std::strlen(prompt));
  std::array<pollfd, 2> both = {
      {{terminal, POLLIN, 0}, {signals.descriptor(), POLLIN, 0}}};  // a negative one is ignored
  while (::poll(both.data(), both.size(), -1) < 0 && errno == EINTR) {
  }
  Typed typed;
  typed.signal = signals.take();
  if (typed.signal == 0) typed.bytes = ::read(terminal, buffer.data(), buffer.size());
  (void)!::write(terminal, "\n", 1);
  return typed;
}

// The bytes before the first newline.
Result<crypto::SecretBytes> first_line(crypto::SecretBytes buffer, size_t filled) {
  const auto bytes = buffer.reveal_for_writing().first(filled);
  const void* newline = std::memchr(bytes.data(), '\n', filled);
  const size_t length =
      newline ? static_cast<size_t>(static_cast<const std::byte*>(newline) - bytes.data()) : filled;
  if (length == 0) return Error(ErrorCode::invalid_argument, "the passphrase is empty");
  return crypto::SecretBytes::take(bytes.first(length));
}

}  // namespace

Result<crypto::SecretBytes> ask_passphrase(const char* prompt, const char* option) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) {
    return Error(ErrorCode::io, "there is no terminal to ask for the passphrase")
        .with_hint(cat("use ", option));
  }
  auto buffer = crypto::SecretBytes::zeros(kPassphraseBytesMax);
  Typed typed = ask_once(terminal, prompt, buffer.reveal_for_writing());
  while (typed.signal != 0) {
    // Ends or stops the program as if nothing had been held back. Asks again if it goes on.
    (void)std::raise(typed.signal);
    typed = ask_once(terminal, prompt, buffer.reveal_for_writing());
  }
  ::close(terminal);
  if (typed.bytes < 0) return Error(ErrorCode::io, "cannot read the passphrase");
  return first_line(std::move(buffer), static_cast<size_t>(typed.bytes));
}

Result<crypto::SecretBytes> read_passphrase_file(const std::string& path) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  if (file->readable_by_others()) {
    warn(cat(escaped(path), ": others can read this passphrase; chmod 600 it"));
  }
  if (file->size() > kPassphraseBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat(file->name(), ": too long for a passphrase"));
  }
  auto buffer = crypto::SecretBytes::zeros(kPassphraseBytesMax);
  Status status = file->read_at(0, buffer.reveal_for_writing().first(file->size()));
  if (!status) return std::move(status).error();
  auto passphrase = first_line(std::move(buffer), file->size());
  if (!passphrase) return std::move(passphrase).error().within(escaped(path));
  return passphrase;
}

}  // namespace wmk::cli
