// Reads the .vec files of tests/vectors; their format: tests/vectors/README.md.
#pragma once

#include <catch2/catch.hpp>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"

namespace wmk::test {

// "%(0A)" is that byte, "%(3*ab)" is "ababab"; what is repeated may itself be "%(00)".
inline std::string expanded(std::string_view text) {
  std::string out;
  while (true) {
    const size_t begin = text.find("%(");
    out.append(text.substr(0, begin));
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin + 2);
    const size_t star = text.find('*');
    const size_t end = text.find(')');
    REQUIRE(end != std::string_view::npos);
    if (star == std::string_view::npos || star > end) {
      const auto byte = from_hex(text.substr(0, end));
      REQUIRE((byte && byte->size() == 1));
      out.push_back(static_cast<char>(byte->front()));
      text.remove_prefix(end + 1);
      continue;
    }
    size_t count = 0;
    REQUIRE(std::from_chars(text.data(), text.data() + star, count).ptr == text.data() + star);
    const bool is_byte = text.substr(star + 1).starts_with("%(");
    const size_t length = end - star - 1 + is_byte;
    const std::string_view part = text.substr(star + 1, length);
    const std::string piece = is_byte ? expanded(part) : std::string(part);
    for (size_t i = 0; i < count; ++i) out.append(piece);
    text.remove_prefix(star + 1 + length + 1);
  }
}

struct Vector {
  std::string name;
  std::vector<std::pair<std::string, std::string>> lines;  // key, value as written

  std::optional<std::string> find(std::string_view key) const {
    for (const auto& [k, value] : lines) {
      if (k == key) return expanded(value);
    }
    return std::nullopt;
  }
  std::string at(std::string_view key) const {
    CAPTURE(name, key);
    const auto value = find(key);
    REQUIRE(value);
    return *value;
  }
};

// `file` below tests/vectors, "json/refused.vec".
inline std::vector<Vector> read_vectors(std::string_view file) {
  const std::string path = cat(WMK_SOURCE_DIR "/tests/vectors/", file);
  std::ifstream in(path);
  INFO(path);
  REQUIRE(in);
  std::vector<Vector> vectors;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    INFO(line);
    if (line[0] == '[') {
      REQUIRE(line.back() == ']');
      vectors.push_back({.name = line.substr(1, line.size() - 2), .lines = {}});
      continue;
    }
    const size_t colon = line.find(':');
    REQUIRE((colon != std::string::npos && !vectors.empty()));
    const auto value = trimmed(std::string_view(line).substr(colon + 1));
    vectors.back().lines.emplace_back(line.substr(0, colon), value);
  }
  REQUIRE(!vectors.empty());
  return vectors;
}

}  // namespace wmk::test
