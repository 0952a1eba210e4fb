// Reads the results of the second implementation: tests/vectors/mark/*.json.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "embed/sites/ffn.h"

namespace wmk::test {

inline const std::string kMarkVectors = WMK_SOURCE_DIR "/tests/vectors/mark";

inline json::Document mark_vectors(std::string_view name) {
  auto text = read_text(cat(kMarkVectors, "/", name, ".json"), 1 << 20);
  REQUIRE(text);
  auto document = json::Document::parse(std::move(*text));
  REQUIRE(document);
  return std::move(*document);
}

inline json::Value at(json::Value object, std::string_view key) {
  CAPTURE(key);
  const auto value = object.find(key);
  REQUIRE(value);
  return *value;
}
inline std::string text_at(json::Value object, std::string_view key) {
  return std::string(at(object, key).string().value());
}
inline double number_at(json::Value object, std::string_view key) {
  return at(object, key).number().value();
}
inline uint64_t count_at(json::Value object, std::string_view key) {
  return at(object, key).unsigned_integer().value();
}

// All numbers of nested lists, in order.
template <class T = float>
std::vector<T> numbers(json::Value value) {
  if (value.is(json::Kind::number)) return {static_cast<T>(value.number().value())};
  std::vector<T> out;
  for (const json::Value each : value) {
    const std::vector<T> more = numbers<T>(each);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}
template <class T = float>
std::vector<T> numbers_at(json::Value object, std::string_view key) {
  return numbers<T>(at(object, key));
}

inline std::vector<std::string> texts_at(json::Value object, std::string_view key) {
  std::vector<std::string> out;
  for (const json::Value each : at(object, key)) out.emplace_back(each.string().value());
  return out;
}

// Rows of '+', '-' and '0', concatenated.
inline std::vector<int8_t> signs_at(json::Value object, std::string_view key) {
  std::vector<int8_t> out;
  for (const std::string& row : texts_at(object, key)) {
    for (char c : row) out.push_back(c == '+' ? 1 : c == '-' ? -1 : 0);
  }
  return out;
}

inline crypto::SecretBytes secret(std::string_view hex) {
  auto bytes = from_hex(hex);
  REQUIRE(bytes);
  return crypto::SecretBytes::take(*bytes);
}
inline crypto::SecretBytes secret_at(json::Value object, std::string_view key) {
  return secret(text_at(object, key));
}

inline uint64_t splitmix64(uint64_t x) {
  uint64_t z = x + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// The vectors' own noise: "element i is (splitmix64(seed + i) >> 40) / 2^23 - 1".
inline std::vector<float> uniform(uint64_t seed, size_t count) {
  std::vector<float> out(count);
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<float>(static_cast<double>(splitmix64(seed + i) >> 40) / 0x1p23 - 1);
  }
  return out;
}

inline std::vector<std::string> row_labels(size_t count) {
  std::vector<std::string> out;
  for (size_t t = 0; t < count; ++t) out.push_back(cat("#", t));
  return out;
}

// The largest difference between two entries.
template <class A, class B>
double distance(const A& a, const B& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double apart = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(apart <= largest)) largest = apart;
  }
  return largest;
}

}  // namespace wmk::test
