// The sites of a mark: parts of a model that carry it independently of each other.
//
// Thread-safety: pure functions and values.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wmk::embed {

// Neurons of FFNs, value/output circuits of attention heads, the span of the output head.
enum class Site : size_t { ffn, heads, output };
inline constexpr std::array kSites = {Site::ffn, Site::heads, Site::output};
inline constexpr size_t kSiteCount = kSites.size();

// As on the command line and in JSON.
constexpr std::string_view to_string(Site site) {
  constexpr std::array<std::string_view, kSiteCount> names = {"ffn", "heads", "output"};
  return names[static_cast<size_t>(site)];
}

// A choice of sites.
struct Sites {
  std::array<bool, kSiteCount> has{};

  bool operator[](Site site) const { return has[static_cast<size_t>(site)]; }
  bool& operator[](Site site) { return has[static_cast<size_t>(site)]; }
  bool operator==(const Sites&) const = default;
};
constexpr Sites all_sites() { return {{true, true, true}}; }

}  // namespace wmk::embed
