// Words and numbers in names of tensors, whatever the separators.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::checkpoint {

// "Model/Layers_12.w1" -> "model", "layers", "12", "w1". A '#' counts as a letter.
std::vector<std::string> name_words(std::string_view name);

bool has_word(const std::vector<std::string>& words, std::initializer_list<std::string_view> any);

// Of at most 18 digits; leading zeros are allowed.
std::optional<uint64_t> number_in(std::string_view word);

// The runs of digits in a name: "t0012" -> 12, "layers.3.w1" -> 3, 1.
std::vector<uint64_t> numbers_in(std::string_view name);

// Names in the order in which people number: "t9" before "t10".
bool comes_before(std::string_view a, std::string_view b);

}  // namespace wmk::checkpoint
