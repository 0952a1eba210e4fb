#include "checkpoint/torch/zip_record.h"

#include "base/text.h"
#include "base/utf8.h"

namespace wmk::checkpoint {
namespace {

constexpr uint32_t kEndSign = 0x06054B50;
constexpr uint32_t kZip64EndSign = 0x06064B50;
constexpr uint32_t kLocatorSign = 0x07064B50;
constexpr uint32_t kCentralSign = 0x02014B50;
constexpr uint32_t kLocalSign = 0x04034B50;
constexpr uint32_t kDescriptorSign = 0x08074B50;

constexpr uint16_t kEncrypted = 1 << 0;
constexpr uint16_t kUtf8Name = 1 << 11;
constexpr uint32_t kFull = 0xFFFFFFFF;  // the number is in the ZIP64 field
constexpr uint16_t kZip64Field = 0x0001;
constexpr uint16_t kUnicodePathField = 0x7075;

uint16_t u16(ByteView bytes, size_t at) { return load_le<uint16_t>(bytes.data() + at); }
uint32_t u32(ByteView bytes, size_t at) { return load_le<uint32_t>(bytes.data() + at); }
uint64_t u64(ByteView bytes, size_t at) { return load_le<uint64_t>(bytes.data() + at); }

Status check_entry_name(std::string_view name) {
  if (name.empty()) return malformed("an entry has no name");
  for (const unsigned char c : name) {
    if (c < 0x20 || c == 0x7F) return malformed("the name has a control character");
  }
  if (!is_utf8(name)) return malformed("the name is not UTF-8");
  return {};
}

Status check_method(uint16_t flags, uint16_t method) {
  if (flags & kEncrypted) {
    return Error(ErrorCode::unsupported, "is encrypted").with_hint("unpack and decrypt it first");
  }
  if (method != 0) {
    return Error(ErrorCode::unsupported, cat("is compressed (method ", method, ")"))
        .with_hint("PyTorch files are not compressed: load the file with torch and save it again");
  }
  const uint16_t known = kEncrypted | kZipHasDescriptor | kUtf8Name;
  if (flags & ~known) return malformed(cat("has unknown flags (", flags & ~known, ")"));
  return {};
}

// Replaces the numbers that are kFull by those of the ZIP64 field, in the order of the format.
Status apply_zip64(ByteView field, std::initializer_list<uint64_t*> numbers) {
  for (uint64_t* number : numbers) {
    if (*number != kFull) continue;
    if (field.size() < 8) return malformed("the ZIP64 field is too short");
    *number = u64(field, 0);
    field = field.subspan(8);
  }
  return {};
}

// Finds the ZIP64 field among the extra fields. Padding and time stamps are skipped.
Result<ByteView> zip64_field(ByteView extra) {
  ByteView found;
  bool has_zip64 = false;
  while (!extra.empty()) {
    if (extra.size() < 4 || extra.size() - 4 < u16(extra, 2)) {
      return malformed("an extra field has a wrong length");
    }
    const uint16_t id = u16(extra, 0);
    const uint16_t bytes = u16(extra, 2);
    if (id == kUnicodePathField) return malformed("an extra field gives a second name");
    if (id == kZip64Field) {
      if (has_zip64) return malformed("has two ZIP64 fields");
      has_zip64 = true;
      found = extra.subspan(4, bytes);
    }
    extra = extra.subspan(4 + bytes);
  }
  return found;
}

}  // namespace

Result<ZipEnd> parse_zip_end(ByteView record) {
  if (u32(record, 0) != kEndSign) {
    return malformed("the file does not end with the end record of a zip archive")
        .with_hint("the download may be incomplete (archives with a comment are not read)");
  }
  if (u16(record, 20) != 0) return malformed("the archive has a comment");
  if (u16(record, 4) != 0 || u16(record, 6) != 0 || u16(record, 8) != u16(record, 10)) {
    return Error(ErrorCode::unsupported, "the archive is in several parts");
  }
  return ZipEnd{u16(record, 10), u32(record, 12), u32(record, 16)};
}

bool is_zip64_locator(ByteView record) { return u32(record, 0) == kLocatorSign; }

Result<uint64_t> parse_zip64_locator(ByteView record) {
  if (u32(record, 4) != 0 || u32(record, 16) > 1) {
    return Error(ErrorCode::unsupported, "the archive is in several parts");
  }
  return u64(record, 8);
}

Result<ZipEnd> parse_zip64_end(ByteView record, const ZipEnd& small) {
  if (u32(record, 0) != kZip64EndSign || u64(record, 4) != kZip64EndBytes - 12) {
    return malformed("the ZIP64 end record is not where it should be");
  }
  const ZipEnd end{u64(record, 32), u64(record, 40), u64(record, 48)};
  if (u32(record, 16) != 0 || u32(record, 20) != 0 || u64(record, 24) != end.entries) {
    return Error(ErrorCode::unsupported, "the archive is in several parts");
  }
  const bool agree = (small.entries == 0xFFFF || small.entries == end.entries) &&
                     (small.bytes == kFull || small.bytes == end.bytes) &&
                     (small.offset == kFull || small.offset == end.offset);
  if (!agree) return malformed("the two end records differ");
  return end;
}

Result<ZipHeader> parse_zip_central(ByteView rest) {
  if (rest.size() < kZipCentralBytes || u32(rest, 0) != kCentralSign) {
    return malformed("the directory has fewer entries than the end record says");
  }
  const uint64_t name_bytes = u16(rest, 28), extra_bytes = u16(rest, 30);
  if (rest.size() - kZipCentralBytes < name_bytes + extra_bytes) {
    return malformed("the directory is cut off");
  }
  ZipHeader out{.name = as_text(rest.subspan(kZipCentralBytes, name_bytes)),
                .flags = u16(rest, 8),
                .checksum = u32(rest, 16),
                .stored_bytes = u32(rest, 20),
                .bytes = u32(rest, 24),
                .local_offset = u32(rest, 42),
                .record_bytes = kZipCentralBytes + name_bytes + extra_bytes};
  Status status = check_entry_name(out.name);
  if (!status) return std::move(status).error();
  const std::string clause = cat("entry '", escaped(out.name), "'");
  status = check_method(out.flags, u16(rest, 10));
  if (status && u16(rest, 32) != 0) status = malformed("has a comment");
  if (status && u16(rest, 34) != 0) status = malformed("is in another part of the archive");
  if (!status) return std::move(status).error().within(clause);
  const auto field = zip64_field(rest.subspan(kZipCentralBytes + name_bytes, extra_bytes));
  if (!field) return Error(field.error()).within(clause);
  status = apply_zip64(*field, {&out.bytes, &out.stored_bytes, &out.local_offset});
  if (status && out.bytes != out.stored_bytes) status = malformed("has two different sizes");
  if (!status) return std::move(status).error().within(clause);
  return out;
}

Result<uint64_t> zip_local_bytes(ByteView rest) {
  if (u32(rest, 0) != kLocalSign) return malformed("there is no header at its offset");
  return kZipLocalBytes + u16(rest, 26) + u16(rest, 28);
}

Result<ZipHeader> parse_zip_local(ByteView record) {
  const uint64_t name_bytes = u16(record, 26);
  ZipHeader out{.name = as_text(record.subspan(kZipLocalBytes, name_bytes)),
                .flags = u16(record, 6),
                .checksum = u32(record, 14),
                .stored_bytes = u32(record, 18),
                .bytes = u32(record, 22),
                .local_offset = 0,
                .record_bytes = record.size()};
  if (auto status = check_method(out.flags, u16(record, 8)); !status) {
    return std::move(status).error();
  }
  const auto field = zip64_field(record.subspan(kZipLocalBytes + name_bytes));
  if (!field) return field.error();
  if (auto status = apply_zip64(*field, {&out.bytes, &out.stored_bytes}); !status) {
    return std::move(status).error();
  }
  return out;
}

bool is_zip_descriptor(ByteView record, const ZipHeader& central) {
  if (u32(record, 0) != kDescriptorSign || u32(record, 4) != central.checksum) return false;
  const bool is_zip64 = record.size() == 24;
  const uint64_t stored = is_zip64 ? u64(record, 8) : u32(record, 8);
  const uint64_t bytes = is_zip64 ? u64(record, 16) : u32(record, 12);
  return stored == central.stored_bytes && bytes == central.bytes;
}

}  // namespace wmk::checkpoint
