// What a server says about the bytes that it sends: Content-Range and Retry-After (RFC 9110).
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wmk::remote {

// Bytes `first` to `last` of a file of `size` bytes; first <= last < size.
struct ContentRange {
  uint64_t first = 0, last = 0, size = 0;
  bool operator==(const ContentRange&) const = default;
};

// "bytes 0-65535/269060552". None for anything else, an unknown size ('*') among it.
std::optional<ContentRange> parse_content_range(std::string_view text);

// Seconds to wait, at most `most`; none unless it is a number (a date is not read).
std::optional<uint64_t> parse_retry_after(std::string_view text, uint64_t most);

}  // namespace wmk::remote
