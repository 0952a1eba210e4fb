// Reader and writer of the safetensors header; see safetensors.h.
//
// Checks are in the order of the reference reader (specs/checkpoint.md), so that both report the
// same fault of a file with several.
#include "checkpoint/safetensors/safetensors.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "checkpoint/safetensors/entry.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kPaddingBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

Status read_metadata(const json::Value& value, SafetensorsHeader& header) {
  if (value.is(json::Kind::null)) return {};
  if (!value.is(json::Kind::object))
    return header_failure(kSyntax, "'__metadata__' is not an object");
  for (const json::Value member : value) {
    const auto text = member.string();
    if (!text) {
      return header_failure(kSyntax, "'__metadata__' entry '", escaped(member.key().substr(0, 40)),
                            "' is not a string");
    }
    header.metadata.emplace_back(member.key(), *text);
  }
  return {};
}

// Bits of a tensor. Extents of 0 count as 1 for the overflow check, so that the result does not
// depend on the order of the extents (in the reference reader it does).
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

Status check_entry(const HeaderEntry& entry, uint64_t expected_begin) {
  const Tensor& tensor = entry.tensor;
  const auto who = [&] { return shown_tensor(tensor.name); };
  if (entry.begin != expected_begin) {
    return header_failure("InvalidOffset", who(), ": begins at byte ", entry.begin,
                          ", but the tensor before it ends at byte ", expected_begin);
  }
  if (entry.end < entry.begin)
    return header_failure("InvalidOffset", who(), ": ends before it begins");
  const auto bit_size = bit_count(tensor);
  if (!bit_size) return header_failure("ValidationOverflow", who(), ": size overflows");
  if (*bit_size % 8 != 0) {
    return header_failure("MisalignedSlice", who(), ": ", *bit_size, " bits are not whole bytes");
  }
  if (*bit_size / 8 != entry.end - entry.begin) {
    return header_failure("TensorInvalidInfo", who(), ": type and shape need ", *bit_size / 8,
                          " bytes, the offsets give ", entry.end - entry.begin);
  }
  return {};
}

// Every data byte belongs to exactly one tensor.
Status lay_out(std::vector<HeaderEntry> entries, uint64_t data_bytes, SafetensorsHeader& header) {
  std::sort(entries.begin(), entries.end(), [](const HeaderEntry& a, const HeaderEntry& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  uint64_t at = 0;
  for (const HeaderEntry& entry : entries) {
    if (auto status = check_entry(entry, at); !status) return status;
    at = entry.end;
  }
  if (at != data_bytes) {
    return header_failure("MetadataIncompleteBuffer", "the tensors need ", at,
                          " bytes of data, the file has ", data_bytes)
        .with_hint(at > data_bytes ? "the download may be incomplete; compare its size"
                                   : "there are bytes after the last tensor");
  }
  header.tensors.reserve(entries.size());
  for (HeaderEntry& entry : entries) {
    entry.tensor.offset = header.data_begin + entry.begin;
    entry.tensor.bytes = entry.end - entry.begin;
    header.tensors.push_back(std::move(entry.tensor));
  }
  return {};
}

}  // namespace

Result<SafetensorsHeader> parse_safetensors_header(std::string json, uint64_t data_bytes) {
  if (!is_utf8(json)) return header_failure("InvalidHeader", "the header is not UTF-8");
  SafetensorsHeader header;
  header.data_begin = kLengthBytes + json.size();
  auto document = json::Document::parse(std::move(json), {.bytes_max = kHeaderBytesMax});
  if (!document) {
    const bool is_duplicate = document.error().code() == ErrorCode::duplicate_key;
    return std::move(document).error().within(is_duplicate ? "DuplicateKey" : kSyntax);
  }
  const json::Value root = document->root();
  if (!root.is(json::Kind::object)) return header_failure(kSyntax, "the header is not an object");
  std::vector<HeaderEntry> entries;
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
    return header_failure("HeaderTooSmall", "the file has ", file.size(),
                          " bytes, too few for a header");
  }
  std::byte word[kLengthBytes];
  if (auto status = file.read_at(0, word); !status) return std::move(status).error();
  const auto length = load_le<uint64_t>(word);
  if (length > kHeaderBytesMax) {
    return header_failure("HeaderTooLarge", "a header of ", length, " bytes, the limit is ",
                          kHeaderBytesMax);
  }
  if (length > file.size() - kLengthBytes) {
    return header_failure("InvalidHeaderLength", "a header of ", length, " bytes in a file of ",
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
    out.append(cat(separator, json::quoted(tensor.name), ":{\"dtype\":\"", to_string(tensor.dtype),
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
