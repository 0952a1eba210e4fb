#include "checkpoint/gguf/values.h"

#include <array>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kKeysMax = 1 << 16;
constexpr uint64_t kKeyBytesMax = 65535;
constexpr uint64_t kTokensMax = 1ull << 24;
constexpr uint64_t kTokenBytesMax = 256ull << 20;  // of all tokens together
// Lists of one number per layer are kept; longer ones, such as scores, are skipped.
constexpr uint64_t kShortList = 4096;
// Key length, kind and at least one byte of value.
constexpr uint64_t kPairBytesMin = 8 + 4 + 1;

constexpr std::array<uint8_t, 13> kBytes = {1, 1, 2, 2, 4, 4, 4, 1, 8, 0, 8, 8, 8};

bool is_whole(GgufKind kind) {
  return kind <= GgufKind::i32 || kind == GgufKind::u64 || kind == GgufKind::i64;
}

template <class T>
Status take_as(GgufCursor& cursor, std::string_view what, GgufValue& out) {
  T number{};
  if (auto status = cursor.take(number, what); !status) return status;
  if constexpr (std::is_floating_point_v<T>) {
    out.value = static_cast<double>(number);
  } else {
    out.value = static_cast<uint64_t>(static_cast<int64_t>(number));
  }
  return {};
}

Status take_scalar(GgufCursor& cursor, GgufKind kind, std::string_view what, GgufValue& out) {
  switch (kind) {
    case GgufKind::u8:
      return take_as<uint8_t>(cursor, what, out);
    case GgufKind::i8:
      return take_as<int8_t>(cursor, what, out);
    case GgufKind::u16:
      return take_as<uint16_t>(cursor, what, out);
    case GgufKind::i16:
      return take_as<int16_t>(cursor, what, out);
    case GgufKind::u32:
      return take_as<uint32_t>(cursor, what, out);
    case GgufKind::i32:
      return take_as<int32_t>(cursor, what, out);
    case GgufKind::u64:
      return take_as<uint64_t>(cursor, what, out);
    case GgufKind::i64:
      return take_as<int64_t>(cursor, what, out);
    case GgufKind::f32:
      return take_as<float>(cursor, what, out);
    case GgufKind::f64:
      return take_as<double>(cursor, what, out);
    case GgufKind::boolean: {
      auto status = take_as<uint8_t>(cursor, what, out);
      if (status && std::get<uint64_t>(out.value) > 1) {
        return malformed(cat(what, ": a bool is neither 0 nor 1"));
      }
      return status;
    }
    case GgufKind::text: {
      std::string text;
      auto status = cursor.take_string(text, what);
      out.value = std::move(text);
      return status;
    }
    case GgufKind::list:
      break;
  }
  return malformed(cat(what, ": is a list in a list"));
}

Status take_kind(GgufCursor& cursor, std::string_view what, GgufKind& kind) {
  uint32_t number = 0;
  if (auto status = cursor.take(number, what); !status) return status;
  if (number >= kBytes.size()) return malformed(cat(what, ": unknown type ", number));
  kind = static_cast<GgufKind>(number);
  return {};
}

Status take_texts(GgufCursor& cursor, uint64_t count, bool keep, std::string_view what,
                  GgufValue& out) {
  std::vector<std::string> texts;
  uint64_t bytes_left = kTokenBytesMax;
  if (keep) texts.resize(count);
  for (uint64_t i = 0; i < count; ++i) {
    auto status = keep ? cursor.take_string(texts[i], what, bytes_left) : cursor.skip_string(what);
    if (!status) return status;
    if (keep) bytes_left -= texts[i].size();
  }
  if (keep) out.value = std::move(texts);
  return {};
}

Status take_numbers(GgufCursor& cursor, GgufKind kind, uint64_t count, bool keep,
                    std::string_view what, GgufValue& out) {
  if (!keep && kind != GgufKind::boolean) {
    return cursor.skip(count * kBytes[static_cast<size_t>(kind)], what);
  }
  std::vector<uint64_t> numbers;
  if (keep) numbers.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    GgufValue item;
    if (auto status = take_scalar(cursor, kind, what, item); !status) return status;
    if (keep) numbers.push_back(std::get<uint64_t>(item.value));
  }
  if (keep) out.value = std::move(numbers);
  return {};
}

Status take_list(GgufCursor& cursor, std::string_view key, std::string_view what, GgufValue& out) {
  GgufKind kind{};
  uint64_t count = 0;
  if (auto status = take_kind(cursor, what, kind); !status) return status;
  if (kind == GgufKind::list) return malformed(cat(what, ": is a list in a list"));
  if (auto status = cursor.take(count, what); !status) return status;
  if (auto status = cursor.expect(count, kBytes[static_cast<size_t>(kind)], what); !status) {
    return status;
  }
  const bool of_tokens = key == kGgufTokens || key == kGgufTokenTypes;
  if (of_tokens && count > kTokensMax) {
    return Error(ErrorCode::limit_exceeded, cat(what, ": a vocabulary of ", count, " rows"));
  }
  if (kind == GgufKind::text) return take_texts(cursor, count, key == kGgufTokens, what, out);
  const bool keep = is_whole(kind) && (of_tokens || count <= kShortList);
  return take_numbers(cursor, kind, count, keep, what, out);
}

bool is_plain_key(std::string_view key) {
  for (const char c : key) {
    if (c < 0x21 || c > 0x7E) return false;
  }
  return !key.empty();
}

}  // namespace

Result<GgufValues> GgufValues::read(GgufCursor& cursor, uint64_t count) {
  if (auto status = cursor.expect(count, kPairBytesMin, "keys"); !status) {
    return std::move(status).error();
  }
  if (count > kKeysMax) return Error(ErrorCode::limit_exceeded, cat(count, " keys"));
  GgufValues out;
  for (uint64_t i = 0; i < count; ++i) {
    std::string key;
    auto status = cursor.take_string(key, cat("key ", i), kKeyBytesMax);
    if (!status) return std::move(status).error();
    const std::string what = cat("key '", escaped(std::string_view(key).substr(0, 100)), "'");
    if (!is_plain_key(key)) return malformed(cat(what, ": is not printable ASCII"));
    GgufValue value;
    status = take_kind(cursor, what, value.kind);
    if (status) {
      status = value.kind == GgufKind::list ? take_list(cursor, key, what, value)
                                            : take_scalar(cursor, value.kind, what, value);
    }
    if (!status) return std::move(status).error();
    if (!out.values_.emplace(std::move(key), std::move(value)).second) {
      return malformed(cat(what, ": occurs twice"));
    }
  }
  return out;
}

const GgufValue* GgufValues::find(std::string_view key) const {
  const auto at = values_.find(std::string(key));
  return at == values_.end() ? nullptr : &at->second;
}

std::optional<uint64_t> GgufValues::whole(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr || !is_whole(value->kind)) return std::nullopt;
  const uint64_t number = std::get<uint64_t>(value->value);
  if (number >> 63) return std::nullopt;  // negative, or impossibly large
  return number;
}

std::optional<std::string_view> GgufValues::text(std::string_view key) const {
  const GgufValue* value = find(key);
  const auto* text = value ? std::get_if<std::string>(&value->value) : nullptr;
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

const std::vector<uint64_t>* GgufValues::wholes(std::string_view key) const {
  const GgufValue* value = find(key);
  return value ? std::get_if<std::vector<uint64_t>>(&value->value) : nullptr;
}

const std::vector<std::string>* GgufValues::texts(std::string_view key) const {
  const GgufValue* value = find(key);
  return value ? std::get_if<std::vector<std::string>>(&value->value) : nullptr;
}

}  // namespace wmk::checkpoint
