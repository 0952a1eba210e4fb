// The records of a zip archive (APPNOTE 4.3), field by field.
//
// Purpose: parses records, including ZIP64, and checks each one alone; zip_directory.cc compares
// records with each other. Lifetime: names are views into the given bytes. Thread-safety: pure
// functions.
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

// The directory according to the end of the archive.
struct ZipEnd {
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t offset = 0;
};
Result<ZipEnd> parse_zip_end(ByteView record);
bool is_zip64_locator(ByteView record);
// The offset of the ZIP64 end record, from the locator.
Result<uint64_t> parse_zip64_locator(ByteView record);
// `small` is the end record without ZIP64: its fields must be full or equal.
Result<ZipEnd> parse_zip64_end(ByteView record, const ZipEnd& small);

// A directory entry, or the local header before the data of an entry.
struct ZipHeader {
  std::string_view name;
  uint16_t flags = 0;
  uint32_t checksum = 0;
  uint64_t stored_bytes = 0;
  uint64_t bytes = 0;
  uint64_t local_offset = 0;  // central headers only
  uint64_t record_bytes = 0;  // with name and extra fields
};
// `rest` begins with the header and may be longer.
Result<ZipHeader> parse_zip_central(ByteView rest);
// The size of the whole local header, from its fixed part.
Result<uint64_t> zip_local_bytes(ByteView rest);
Result<ZipHeader> parse_zip_local(ByteView record);

// Whether `record` (16 bytes, or 24 with ZIP64) is the descriptor after the data of `central`.
bool is_zip_descriptor(ByteView record, const ZipHeader& central);

}  // namespace wmk::checkpoint
