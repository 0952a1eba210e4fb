#include "checkpoint/gguf/cursor.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::checkpoint {

Error GgufCursor::ends_inside(std::string_view what) const {
  return Error(ErrorCode::malformed, cat("the file ends inside ", what, " at byte ", at()));
}

Status GgufCursor::expect(uint64_t count, uint64_t each, std::string_view what) const {
  if (count > left() / each) {
    return Error(ErrorCode::malformed,
                 cat(what, ": ", count, " are declared, but only ", left(), " bytes are left"));
  }
  return {};
}

Status GgufCursor::take_bytes(void* to, uint64_t bytes, std::string_view what) {
  if (bytes > left()) return ends_inside(what);
  auto* out = static_cast<std::byte*>(to);
  while (bytes > 0) {
    if (window_at_ == window_.size()) {
      window_begin_ += window_.size();
      window_at_ = 0;
      window_.resize(std::min(kWindowBytes, file_.size() - window_begin_));
      if (auto status = file_.read_at(window_begin_, window_); !status) return status;
    }
    const uint64_t count = std::min(bytes, window_.size() - window_at_);
    std::memcpy(out, window_.data() + window_at_, count);
    window_at_ += count;
    out += count;
    bytes -= count;
  }
  return {};
}

Status GgufCursor::skip(uint64_t bytes, std::string_view what) {
  if (bytes > left()) return ends_inside(what);
  if (bytes <= window_.size() - window_at_) {
    window_at_ += bytes;
    return {};
  }
  window_begin_ = at() + bytes;
  window_at_ = 0;
  window_.clear();
  return {};
}

Status GgufCursor::take_length(uint64_t& bytes, std::string_view what, uint64_t bytes_max) {
  if (auto status = take(bytes, what); !status) return status;
  if (bytes > left()) return ends_inside(what);
  if (bytes > bytes_max) {
    return Error(ErrorCode::limit_exceeded,
                 cat(what, " has ", bytes, " bytes, more than ", bytes_max));
  }
  return {};
}

Status GgufCursor::take_string(std::string& text, std::string_view what, uint64_t bytes_max) {
  uint64_t bytes = 0;
  if (auto status = take_length(bytes, what, bytes_max); !status) return status;
  text.resize(bytes);
  return take_bytes(text.data(), bytes, what);
}

Status GgufCursor::skip_string(std::string_view what) {
  uint64_t bytes = 0;
  if (auto status = take_length(bytes, what, kStringBytesMax); !status) return status;
  return skip(bytes, what);
}

}  // namespace wmk::checkpoint
