#include "claims/log/tile.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "claims/log/lines.h"

namespace wmk::claims {

namespace {

constexpr std::string_view kTilePrefix = "tile/", kEntries = "entries";
constexpr size_t kDigits = 3;

std::string three_digits(uint64_t value) {
  const std::string text = std::to_string(value);
  return std::string(kDigits - text.size(), '0') + text;
}

// "x001/x234/067".
std::string index_text(uint64_t index) {
  std::string out = three_digits(index % 1000);
  while ((index /= 1000) != 0) out = cat("x", three_digits(index % 1000), "/", out);
  return out;
}

// The number that index_text() writes; the text must be what it writes.
std::optional<uint64_t> parse_index(std::string_view text) {
  uint64_t out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') continue;
    const auto shifted = checked_product(out, 10);
    const auto next = shifted ? checked_sum(*shifted, static_cast<uint64_t>(c - '0')) : shifted;
    if (!next) return std::nullopt;
    out = *next;
  }
  return index_text(out) == text ? std::optional(out) : std::nullopt;
}

}  // namespace

std::string tile_path(const TileId& id) {
  std::string out = cat(kTilePrefix, id.level ? std::to_string(*id.level) : std::string(kEntries),
                        "/", index_text(id.index));
  return id.width == kTileWidth ? out : cat(out, ".p/", id.width);
}

std::optional<TileId> parse_tile_path(std::string_view path) {
  if (!path.starts_with(kTilePrefix)) return std::nullopt;
  path.remove_prefix(kTilePrefix.size());
  const size_t slash = path.find('/');
  if (slash == path.npos) return std::nullopt;
  TileId out;
  if (const std::string_view level = path.substr(0, slash); level != kEntries) {
    const auto number = decimal(level);
    if (!number || *number > kLevelMax) return std::nullopt;
    out.level = static_cast<unsigned>(*number);
  }
  path.remove_prefix(slash + 1);
  if (const size_t dot = path.find(".p/"); dot != path.npos) {
    const auto width = decimal(path.substr(dot + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    out.width = static_cast<unsigned>(*width);
    path = path.substr(0, dot);
  }
  const auto index = parse_index(path);
  if (!index) return std::nullopt;
  out.index = *index;
  return out;
}

uint64_t level_count(uint64_t tree_size, unsigned level) {
  return kTileHeight * level < 64 ? tree_size >> (kTileHeight * level) : 0;
}

unsigned tile_width(uint64_t count, uint64_t index) {
  const uint64_t full = count / kTileWidth;
  if (index < full) return kTileWidth;
  return index == full ? static_cast<unsigned>(count % kTileWidth) : 0;
}

std::string tile_bytes(const std::vector<crypto::TreeHash>& hashes) {
  std::string out(hashes.size() * kHashBytes, '\0');
  if (!hashes.empty()) std::memcpy(out.data(), hashes.data(), out.size());
  return out;
}

Result<std::vector<crypto::TreeHash>> parse_tile(std::string_view bytes, unsigned width) {
  if (bytes.size() != width * kHashBytes) {
    return malformed(cat("has ", bytes.size(), " bytes, not ", width * kHashBytes));
  }
  std::vector<crypto::TreeHash> out(width);
  if (width != 0) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

void append_entry(std::string_view entry, std::string& bundle) {
  bundle.push_back(static_cast<char>(entry.size() >> 8));
  bundle.push_back(static_cast<char>(entry.size() & 0xFF));
  bundle += entry;
}

Result<std::vector<std::string_view>> parse_entries(std::string_view bundle) {
  std::vector<std::string_view> out;
  while (!bundle.empty()) {
    if (out.size() == kTileWidth) return malformed(cat("more than ", kTileWidth, " entries"));
    if (bundle.size() < 2) return malformed("the length of an entry is cut off");
    const size_t length =
        static_cast<unsigned char>(bundle[0]) * 256u + static_cast<unsigned char>(bundle[1]);
    bundle.remove_prefix(2);
    if (bundle.size() < length) return malformed("an entry is cut off");
    out.push_back(bundle.substr(0, length));
    bundle.remove_prefix(length);
  }
  return out;
}

}  // namespace wmk::claims
