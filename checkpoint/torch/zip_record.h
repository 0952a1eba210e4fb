// The records of a zip archive (APPNOTE 4.3), field by field.
//
// Purpose: turns bytes into numbers and names, ZIP64 included, and checks what one record can tell
// alone; zip_directory.cc holds records against one another. Lifetime: names are views into the
// bytes given. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kZipEndBytes = 22;
inline constexpr uint64_t kZipLocatorBytes = 20;
inline constexpr uint64_t kZip64EndBytes = 56;
inline constexpr uint64_t kZipCentralBytes = 46;
inline constexpr uint64_t kZipLocalBytes = 30;
inline constexpr uint16_t kZipHasDescriptor = 1 << 3;

// What the end of the archive says of the directory.
struct ZipEnd {
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t offset = 0;
};
Result<ZipEnd> parse_zip_end(ByteView record);
bool is_zip64_locator(ByteView record);
// Where the locator says the ZIP64 end record is.
Result<uint64_t> parse_zip64_locator(ByteView record);
// `small` is the record without ZIP64: its fields must be full or say the same.
Result<ZipEnd> parse_zip64_end(ByteView record, const ZipEnd& small);

// A directory entry, or the header in front of an entry's data.
struct ZipHeader {
  std::string_view name;
  uint16_t flags = 0;
  uint32_t checksum = 0;
  uint64_t stored_bytes = 0;
  uint64_t bytes = 0;
  uint64_t local_offset = 0;  // central headers only
  uint64_t record_bytes = 0;  // with name and extra fields
};
// `rest` begins with the header and may go on behind it.
Result<ZipHeader> parse_zip_central(ByteView rest);
// `rest` holds the fixed part; the lengths of name and extra fields, so that they can be read.
Result<uint64_t> zip_local_bytes(ByteView rest);
Result<ZipHeader> parse_zip_local(ByteView record);

// Whether `record` (16 bytes, or 24 with ZIP64) is the descriptor behind the data of `central`.
bool is_zip_descriptor(ByteView record, const ZipHeader& central);

}  // namespace wmk::checkpoint
