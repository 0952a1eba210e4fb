#include "checkpoint/gguf/header.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "base/utf8.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

namespace {

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr uint64_t kNameBytesMax = 63;
constexpr uint32_t kDimensionsMax = 4;
constexpr uint64_t kAlignmentDefault = 32;
constexpr uint64_t kAlignmentMax = 1 << 20;
// Length of the name, number of dimensions, type and offset.
constexpr uint64_t kTensorBytesMin = 8 + 4 + 4 + 8;

Status check_version(uint32_t version) {
  if (version == 2 || version == 3) return {};
  if ((version & 0xFFFF) == 0 && version != 0) {
    return Error(ErrorCode::unsupported, "is a big-endian GGUF file")
        .with_hint("convert it to little-endian (gguf-py has a script for it)");
  }
  return Error(ErrorCode::unsupported, cat("is GGUF of version ", version, ", not 2 or 3"));
}

Result<uint64_t> alignment_of(const GgufValues& values) {
  const GgufValue* value = values.find("general.alignment");
  if (value == nullptr) return kAlignmentDefault;
  if (value->kind != GgufKind::u32) return malformed("general.alignment is not a u32");
  const uint64_t alignment = std::get<uint64_t>(value->value);
  if (!std::has_single_bit(alignment)) {
    return malformed(cat("general.alignment is ", alignment, ", not a power of two"));
  }
  if (alignment > kAlignmentMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("general.alignment is ", alignment, ", more than ", kAlignmentMax));
  }
  return alignment;
}

bool is_plain_name(std::string_view name) {
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return !name.empty() && is_utf8(name);
}

// Checks that the rows of a tensor are whole blocks, and computes its size.
Status take_shape(GgufCursor& cursor, std::string_view what, GgufTensor& tensor) {
  uint32_t rank = 0;
  if (auto status = cursor.take(rank, what); !status) return status;
  if (rank > kDimensionsMax) return malformed(cat(what, ": has ", rank, " dimensions"));
  tensor.shape.resize(rank);
  uint64_t elements = 1;
  for (auto extent = tensor.shape.rbegin(); extent != tensor.shape.rend(); ++extent) {
    if (auto status = cursor.take(*extent, what); !status) return status;
    const auto product = checked_product(elements, std::max<uint64_t>(*extent, 1));
    if (!product || *product >> 63) return malformed(cat(what, ": its extents overflow"));
    elements = *product;
  }
  uint32_t type = 0;
  if (auto status = cursor.take(type, what); !status) return status;
  tensor.type = find_gguf_type(type);
  if (tensor.type == nullptr) {
    return Error(ErrorCode::unsupported, cat(what, ": is of type ", type, ", which is not read"));
  }
  if (std::count(tensor.shape.begin(), tensor.shape.end(), 0u) > 0) elements = 0;
  const uint64_t row = rank == 0 ? 1 : tensor.shape.back();
  if (row % tensor.type->elements != 0) {
    return malformed(cat(what, ": a row of ", row, " values is not made of blocks of ",
                         tensor.type->name, ", which hold ", tensor.type->elements));
  }
  const auto bytes = checked_product(elements / tensor.type->elements, tensor.type->bytes);
  if (!bytes) return malformed(cat(what, ": its size overflows"));
  tensor.bytes = *bytes;
  return {};
}

Result<std::vector<GgufTensor>> take_tensors(GgufCursor& cursor, uint64_t count) {
  if (auto status = cursor.expect(count, kTensorBytesMin, "tensors"); !status) {
    return std::move(status).error();
  }
  if (count > kTensorsMax) return Error(ErrorCode::limit_exceeded, cat(count, " tensors"));
  std::vector<GgufTensor> out(count);
  std::unordered_set<std::string_view> names;
  for (uint64_t i = 0; i < count; ++i) {
    auto status = cursor.take_string(out[i].name, cat("tensor ", i), kNameBytesMax);
    if (!status) return std::move(status).error();
    const std::string what = cat("tensor '", escaped(out[i].name), "'");
    if (!is_plain_name(out[i].name)) return malformed(cat(what, ": is not a valid name"));
    if (!names.insert(out[i].name).second) return malformed(cat(what, ": occurs twice"));
    status = take_shape(cursor, what, out[i]);
    if (status) status = cursor.take(out[i].offset, what);
    if (!status) return std::move(status).error();
  }
  return out;
}

// An Error unless [begin, end) is inside the file and zero.
Status check_padding(const ReadFile& file, uint64_t begin, uint64_t end) {
  Bytes padding(end - begin);
  if (auto status = file.read_at(begin, padding); !status) return status;
  for (const std::byte byte : padding) {
    if (byte != std::byte{0}) {
      return malformed(cat("padding after byte ", begin, " is not zero"));
    }
  }
  return {};
}

// Tensors must be in the order of the table, each at the next multiple of the alignment. Makes
// their offsets absolute.
Status place_tensors(const ReadFile& file, uint64_t header_end, uint64_t alignment,
                     std::vector<GgufTensor>& tensors) {
  uint64_t end = header_end;
  const uint64_t data = (header_end + alignment - 1) / alignment * alignment;
  for (GgufTensor& tensor : tensors) {
    const uint64_t begin = (end + alignment - 1) / alignment * alignment;
    if (tensor.offset != begin - data) {
      return malformed(cat("tensor '", escaped(tensor.name), "': begins at ", tensor.offset,
                           " of the data, but the tensor before it leads to ", begin - data));
    }
    if (begin > file.size() || tensor.bytes > file.size() - begin) {
      return malformed(
          cat("tensor '", escaped(tensor.name), "': its data end after the end of the file"));
    }
    if (auto status = check_padding(file, end, begin); !status) return status;
    tensor.offset = begin;
    end = begin + tensor.bytes;
  }
  const uint64_t rest = file.size() - end;
  if (rest >= alignment) return malformed(cat(rest, " bytes follow the last tensor"));
  return check_padding(file, end, file.size());
}

}  // namespace

Result<GgufHeader> read_gguf_header(const ReadFile& file) {
  GgufCursor cursor(file);
  uint32_t magic = 0, version = 0;
  uint64_t tensors = 0, keys = 0;
  auto status = cursor.take(magic, "the header");
  if (status && magic != kMagic) return malformed("does not begin with GGUF");
  if (status) status = cursor.take(version, "the header");
  if (status) status = check_version(version);
  if (status) status = cursor.take(tensors, "the header");
  if (status) status = cursor.take(keys, "the header");
  if (!status) return std::move(status).error();
  auto values = GgufValues::read(cursor, keys);
  if (!values) return std::move(values).error();
  const auto alignment = alignment_of(*values);
  if (!alignment) return alignment.error();
  auto table = take_tensors(cursor, tensors);
  if (!table) return std::move(table).error();
  status = place_tensors(file, cursor.at(), *alignment, *table);
  if (!status) return std::move(status).error();
  return GgufHeader{*std::move(values), *std::move(table)};
}

}  // namespace wmk::checkpoint
