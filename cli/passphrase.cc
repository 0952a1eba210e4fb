#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstring>

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
  ssize_t filled;
  {
    const SilentTerminal silent(terminal);
    (void)!::write(terminal, prompt, std::strlen(prompt));
    filled = ::read(terminal, buffer.reveal_for_writing().data(), buffer.size());
    (void)!::write(terminal, "\n", 1);
  }
  ::close(terminal);
  if (filled < 0) return Error(ErrorCode::io, "cannot read the passphrase");
  return first_line(std::move(buffer), static_cast<size_t>(filled));
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
