#include "checkpoint/torch/zip_directory.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "checkpoint/torch/zip_record.h"

namespace wmk::checkpoint {
namespace {

// The directory, the ZIP64 records and the end record must end the file exactly.
Result<ZipEnd> find_directory(const ReadFile& file) {
  if (file.size() < kZipEndBytes) return malformed("the file is too short for a zip archive");
  const uint64_t end_at = file.size() - kZipEndBytes;
  std::array<std::byte, kZipEndBytes> last;
  if (auto status = file.read_at(end_at, last); !status) return std::move(status).error();
  auto end = parse_zip_end(last);
  if (!end) return std::move(end).error();

  uint64_t directory_end = end_at;
  std::array<std::byte, kZipLocatorBytes> locator;
  if (end_at >= kZipLocatorBytes + kZip64EndBytes) {
    const uint64_t locator_at = end_at - kZipLocatorBytes;
    if (auto status = file.read_at(locator_at, locator); !status) return std::move(status).error();
    if (is_zip64_locator(locator)) {
      directory_end = locator_at - kZip64EndBytes;
      const auto end_record = parse_zip64_locator(locator);
      if (!end_record) return end_record.error();
      if (*end_record != directory_end) return malformed("the ZIP64 locator points elsewhere");
      std::array<std::byte, kZip64EndBytes> record;
      if (auto status = file.read_at(directory_end, record); !status) {
        return std::move(status).error();
      }
      end = parse_zip64_end(record, *end);
      if (!end) return std::move(end).error();
    }
  }
  const auto told_end = checked_sum(end->offset, end->bytes);
  if (!told_end || *told_end != directory_end) {
    return malformed("the directory does not end where the end record begins");
  }
  return *end;
}

Status check_limits(const ZipEnd& end) {
  if (end.entries > kZipEntriesMax || end.bytes > kZipDirectoryBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("the archive has ", end.entries, " entries in a directory of ", end.bytes,
                     " bytes; at most ", kZipEntriesMax, " and ", kZipDirectoryBytesMax));
  }
  if (end.entries > end.bytes / kZipCentralBytes) {
    return malformed("the directory is too short for its entries");
  }
  return {};
}

Result<std::vector<ZipHeader>> parse_directory(ByteView rest, uint64_t entries) {
  std::vector<ZipHeader> headers;
  headers.reserve(entries);
  for (uint64_t i = 0; i < entries; ++i) {
    auto header = parse_zip_central(rest);
    if (!header) return std::move(header).error();
    rest = rest.subspan(header->record_bytes);
    headers.push_back(*header);
  }
  if (!rest.empty()) return malformed("the directory has more entries than the end record says");
  return headers;
}

// The local header must repeat the central one, or leave sizes to the descriptor.
Status compare(const ZipHeader& local, const ZipHeader& central) {
  if (local.name != central.name) {
    return malformed(cat("its local header names it '", escaped(local.name), "'"));
  }
  if (local.flags != central.flags) return malformed("header and directory have different flags");
  const bool is_deferred = (central.flags & kZipHasDescriptor) && local.checksum == 0 &&
                           local.bytes == 0 && local.stored_bytes == 0;
  const bool is_equal = local.checksum == central.checksum && local.bytes == central.bytes &&
                        local.stored_bytes == central.stored_bytes;
  if (!is_deferred && !is_equal) return malformed("header and directory have different sizes");
  return {};
}

// The entry whose header begins at `central.local_offset` and whose data end at `end`.
Result<ZipEntry> read_entry(const ReadFile& file, const ZipHeader& central, uint64_t end) {
  const uint64_t begin = central.local_offset;
  const auto overlap = [] { return malformed("overlaps the next entry"); };
  if (end < begin || end - begin < kZipLocalBytes) return overlap();
  Bytes record(kZipLocalBytes);
  if (auto status = file.read_at(begin, record); !status) return std::move(status).error();
  const auto record_bytes = zip_local_bytes(record);
  if (!record_bytes) return record_bytes.error();
  if (end - begin < *record_bytes) return overlap();
  record.resize(*record_bytes);
  if (auto status = file.read_at(begin, record); !status) return std::move(status).error();
  const auto local = parse_zip_local(record);
  if (!local) return local.error();
  if (auto status = compare(*local, central); !status) return std::move(status).error();

  const uint64_t data = begin + *record_bytes;
  if (end - data < central.bytes) return overlap();
  const uint64_t trailing = end - data - central.bytes;
  const bool has_descriptor = central.flags & kZipHasDescriptor;
  if (!has_descriptor && trailing == 0)
    return ZipEntry{std::string(central.name), data, central.bytes};
  if (!has_descriptor || (trailing != 16 && trailing != 24)) {
    return malformed(cat("is followed by ", trailing, " bytes that belong to no entry"));
  }
  Bytes descriptor(trailing);
  const auto status = file.read_at(data + central.bytes, descriptor);
  if (!status) return status.error();
  if (!is_zip_descriptor(descriptor, central)) {
    return malformed("the descriptor after the data and the directory differ");
  }
  return ZipEntry{std::string(central.name), data, central.bytes};
}

Result<ZipDirectory> sorted_by_name(std::vector<ZipEntry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const ZipEntry& a, const ZipEntry& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(entries.begin(), entries.end(),
                         [](const ZipEntry& a, const ZipEntry& b) { return a.name == b.name; });
  if (twice != entries.end()) {
    return malformed(cat("entry '", escaped(twice->name), "': occurs twice"));
  }
  return ZipDirectory{std::move(entries)};
}

}  // namespace

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto at = std::lower_bound(
      entries.begin(), entries.end(), name,
      [](const ZipEntry& entry, std::string_view wanted) { return entry.name < wanted; });
  return at != entries.end() && at->name == name ? &*at : nullptr;
}

Result<ZipDirectory> read_zip_directory(const ReadFile& file) {
  const auto end = find_directory(file);
  if (!end) return end.error();
  if (auto status = check_limits(*end); !status) return std::move(status).error();
  Bytes directory(end->bytes);
  if (auto status = file.read_at(end->offset, directory); !status) return std::move(status).error();
  auto headers = parse_directory(directory, end->entries);
  if (!headers) return std::move(headers).error();

  // Each entry ends where the next one begins, and the last one at the directory.
  std::sort(headers->begin(), headers->end(),
            [](const ZipHeader& a, const ZipHeader& b) { return a.local_offset < b.local_offset; });
  const uint64_t first = headers->empty() ? end->offset : headers->front().local_offset;
  if (first != 0) return malformed(cat("the archive begins with ", first, " foreign bytes"));
  std::vector<ZipEntry> entries;
  entries.reserve(headers->size());
  for (size_t i = 0; i < headers->size(); ++i) {
    const ZipHeader& header = (*headers)[i];
    const bool is_last = i + 1 == headers->size();
    auto entry = read_entry(file, header, is_last ? end->offset : (*headers)[i + 1].local_offset);
    if (!entry) {
      return std::move(entry).error().within(cat("entry '", escaped(header.name), "'"));
    }
    entries.push_back(*std::move(entry));
  }
  return sorted_by_name(std::move(entries));
}

}  // namespace wmk::checkpoint
