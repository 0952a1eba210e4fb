// Files with one line that names the format, and a Protocol Buffers message after it.
//
// Purpose: records and registers are read with a limit, refused by name, and appear whole or not at
// all. Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace wmk::embed {

struct MessageFormat {
  std::string_view magic;  // the first line, with its newline
  const char* refusal;     // of a file that does not begin with it
  const char* damaged;     // of a message that cannot be parsed
  uint64_t bytes_max;      // below 2^31
};

// What `make` makes of the message: Result<Value>(const Message&). Errors name the file.
template <class Message, class Make>
auto read_message(const std::filesystem::path& path, const MessageFormat& format, const Make& make)
    -> decltype(make(Message())) {
  const std::string name = escaped(path.filename().string());
  auto text = read_text(path, format.bytes_max);
  if (!text) return std::move(text).error();
  if (!text->starts_with(format.magic)) {
    return Error(ErrorCode::malformed, format.refusal).within(name);
  }
  Message message;
  if (!message.ParseFromArray(text->data() + format.magic.size(),
                              static_cast<int>(text->size() - format.magic.size()))) {
    return Error(ErrorCode::malformed, format.damaged).within(name);
  }
  auto out = make(message);
  if (!out) return std::move(out).error().within(name);
  return out;
}

template <class Message>
Status write_message(const std::filesystem::path& path, const MessageFormat& format,
                     const Message& message, unsigned mode, bool replace) {
  const std::string text = std::string(format.magic) + message.SerializeAsString();
  return write_whole(path, as_bytes(text), mode, replace);
}

}  // namespace wmk::embed
