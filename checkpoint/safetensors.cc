// Reader and writer of the safetensors header; see checkpoint/safetensors.h.
//
// The checks stand in the order of the reference (specs/checkpoint.md), so that a file with several
// faults is refused for the same reason by both.
#include "checkpoint/safetensors.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/json.h"
#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kPaddingBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

template <class... Parts>
Error failure(std::string_view kind, const Parts&... parts) {
  return Error(ErrorCode::malformed, cat(kind, ": ", parts...));
}

// A tensor as errors name it; a name of a megabyte would hide the message.
std::string shown(std::string_view name) {
  constexpr size_t bytes_max = 200;
  const std::string text = escaped(name.substr(0, bytes_max));
  return cat("tensor '", text, name.size() > bytes_max ? "...'" : "'");
}

bool has_control_character(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || c1) return true;
  }
  return false;
}

// An array of whole numbers, written as such.
std::optional<std::vector<uint64_t>> whole_numbers(const json::Value& value) {
  if (!value.is(json::Kind::array)) return std::nullopt;
  std::vector<uint64_t> numbers;
  numbers.reserve(value.size());
  for (const json::Value item : value) {
    const auto number = item.unsigned_integer();
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

// What the header says of one tensor; offsets count from the first data byte and are unchecked.
struct Entry {
  Tensor tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

constexpr std::string_view kSyntax = "InvalidHeaderDeserialization";

Status read_field(const json::Value& field, Entry& entry) {
  const std::string_view key = field.key();
  const auto who = [&] { return shown(entry.tensor.name); };
  if (key == "dtype") {
    const auto text = field.string();
    if (!text) return failure(kSyntax, who(), ": 'dtype' is no string");
    const auto dtype = parse_dtype(*text);
    if (!dtype)
      return failure(kSyntax, who(), ": unknown dtype '", escaped(text->substr(0, 40)), "'");
    entry.tensor.dtype = *dtype;
  } else if (key == "shape") {
    auto shape = whole_numbers(field);
    if (!shape) return failure(kSyntax, who(), ": 'shape' is no list of whole numbers");
    entry.tensor.shape = std::move(*shape);
  } else if (key == "data_offsets") {
    const auto offsets = whole_numbers(field);
    if (!offsets || offsets->size() != 2) {
      return failure(kSyntax, who(), ": 'data_offsets' is no pair of whole numbers");
    }
    entry.begin = (*offsets)[0];
    entry.end = (*offsets)[1];
  } else {
    return failure("UnknownField", who(), ": field '", escaped(key.substr(0, 40)), "'");
  }
  return {};
}

Result<Entry> read_entry(const json::Value& member) {
  Entry entry;
  entry.tensor.name = member.key();
  const std::string_view name = entry.tensor.name;
  if (name.empty()) return failure("InvalidName", "a tensor without a name");
  if (has_control_character(name)) {
    return failure("InvalidName", shown(name), ": control character in the name");
  }
  if (!member.is(json::Kind::object)) return failure(kSyntax, shown(name), ": is no object");
  for (const json::Value field : member) {
    if (auto status = read_field(field, entry); !status) return std::move(status).error();
  }
  for (const char* wanted : {"dtype", "shape", "data_offsets"}) {
    if (!member.find(wanted)) return failure(kSyntax, shown(name), ": '", wanted, "' is missing");
  }
  return entry;
}

Status read_metadata(const json::Value& value, SafetensorsHeader& header) {
  if (value.is(json::Kind::null)) return {};
  if (!value.is(json::Kind::object)) return failure(kSyntax, "'__metadata__' is no object");
  for (const json::Value member : value) {
    const auto text = member.string();
    if (!text) {
      return failure(kSyntax, "'__metadata__' entry '", escaped(member.key().substr(0, 40)),
                     "' is no string");
    }
    header.metadata.emplace_back(member.key(), *text);
  }
  return {};
}

// Bits of a tensor. Extents of 0 count as 1 for the overflow check, so that the answer does not
// depend on the order of the extents (the reference's does).
std::optional<uint64_t> bit_count(const Tensor& tensor) {
  uint64_t product = bits(tensor.dtype);
  bool is_empty = false;
  for (const uint64_t extent : tensor.shape) {
    const auto next = checked_product(product, std::max<uint64_t>(extent, 1));
    if (!next) return std::nullopt;
    product = *next;
    is_empty |= extent == 0;
  }
  return is_empty ? 0 : product;
}

Status check_entry(const Entry& entry, uint64_t expected_begin) {
  const Tensor& tensor = entry.tensor;
  const auto who = [&] { return shown(tensor.name); };
  if (entry.begin != expected_begin) {
    return failure("InvalidOffset", who(), ": begins at byte ", entry.begin,
                   ", and the tensor before it ends at byte ", expected_begin);
  }
  if (entry.end < entry.begin) return failure("InvalidOffset", who(), ": ends before it begins");
  const auto bit_size = bit_count(tensor);
  if (!bit_size) return failure("ValidationOverflow", who(), ": size overflows");
  if (*bit_size % 8 != 0) {
    return failure("MisalignedSlice", who(), ": ", *bit_size, " bits are no whole bytes");
  }
  if (*bit_size / 8 != entry.end - entry.begin) {
    return failure("TensorInvalidInfo", who(), ": type and shape need ", *bit_size / 8,
                   " bytes, the offsets give ", entry.end - entry.begin);
  }
  return {};
}

// Every data byte belongs to exactly one tensor.
Status lay_out(std::vector<Entry> entries, uint64_t data_bytes, SafetensorsHeader& header) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  uint64_t at = 0;
  for (const Entry& entry : entries) {
    if (auto status = check_entry(entry, at); !status) return status;
    at = entry.end;
  }
  if (at != data_bytes) {
    return failure("MetadataIncompleteBuffer", "the tensors need ", at,
                   " bytes of data, the file has ", data_bytes)
        .with_hint(at > data_bytes ? "the download may be incomplete; compare its size"
                                   : "bytes behind the last tensor belong to no tensor");
  }
  header.tensors.reserve(entries.size());
  for (Entry& entry : entries) {
    entry.tensor.offset = header.data_begin + entry.begin;
    entry.tensor.bytes = entry.end - entry.begin;
    header.tensors.push_back(std::move(entry.tensor));
  }
  return {};
}

}  // namespace

Result<SafetensorsHeader> parse_safetensors_header(std::string json, uint64_t data_bytes) {
  if (!is_utf8(json)) return failure("InvalidHeader", "the header is not UTF-8");
  SafetensorsHeader header;
  header.data_begin = kLengthBytes + json.size();
  auto document = json::Document::parse(std::move(json), {.bytes_max = kHeaderBytesMax});
  if (!document) {
    const bool is_duplicate = json::names_duplicate_key(document.error());
    return std::move(document).error().within(is_duplicate ? "DuplicateKey" : kSyntax);
  }
  const json::Value root = document->root();
  if (!root.is(json::Kind::object)) return failure(kSyntax, "the header is no object");
  std::vector<Entry> entries;
  entries.reserve(root.size());
  for (const json::Value member : root) {
    if (member.key() == kMetadata) {
      if (auto status = read_metadata(member, header); !status) return std::move(status).error();
      continue;
    }
    auto entry = read_entry(member);
    if (!entry) return std::move(entry).error();
    entries.push_back(std::move(*entry));
  }
  if (auto status = lay_out(std::move(entries), data_bytes, header); !status) {
    return std::move(status).error();
  }
  return header;
}

Result<SafetensorsHeader> read_safetensors_header(const ReadFile& file) {
  if (file.size() < kLengthBytes) {
    return failure("HeaderTooSmall", "the file has ", file.size(),
                   " bytes and no room for a header");
  }
  std::byte word[kLengthBytes];
  if (auto status = file.read_at(0, word); !status) return std::move(status).error();
  const auto length = load_le<uint64_t>(word);
  if (length > kHeaderBytesMax) {
    return failure("HeaderTooLarge", "a header of ", length, " bytes, the limit is ",
                   kHeaderBytesMax);
  }
  if (length > file.size() - kLengthBytes) {
    return failure("InvalidHeaderLength", "a header of ", length, " bytes in a file of ",
                   file.size())
        .with_hint("the download may be incomplete; compare its size");
  }
  std::string json(length, '\0');
  auto status = file.read_at(kLengthBytes, std::as_writable_bytes(std::span(json)));
  if (!status) return std::move(status).error();
  return parse_safetensors_header(std::move(json), file.size() - kLengthBytes - length);
}

std::string safetensors_header_bytes(
    const std::vector<Tensor>& tensors,
    const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::string out(kLengthBytes, '\0');
  std::string_view separator = "{";
  if (!metadata.empty()) {
    out.append(cat("{", json::quoted(kMetadata), ":"));
    for (const auto& [key, text] : metadata) {
      out.append(cat(separator, json::quoted(key), ":", json::quoted(text)));
      separator = ",";
    }
    out.push_back('}');
  }
  uint64_t at = 0;
  for (const Tensor& tensor : tensors) {
    std::string shape;
    for (const uint64_t extent : tensor.shape) shape.append(cat(shape.empty() ? "" : ",", extent));
    out.append(cat(separator, json::quoted(tensor.name), ":{\"dtype\":\"", name(tensor.dtype),
                   "\",\"shape\":[", shape, "],\"data_offsets\":[", at, ",", at + tensor.bytes,
                   "]}"));
    separator = ",";
    at += tensor.bytes;
  }
  out.append(separator == "{" ? "{}" : "}");
  while (out.size() % kPaddingBytes != 0) out.push_back(' ');
  store_le<uint64_t>(out.data(), out.size() - kLengthBytes);
  return out;
}

}  // namespace wmk::checkpoint
