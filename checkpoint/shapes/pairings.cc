#include "checkpoint/shapes/pairings.h"

#include <algorithm>

namespace wmk::checkpoint {

namespace {

using Members = std::vector<std::vector<Slot>>;

bool same_form(const std::vector<Slot>& a, const std::vector<Slot>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Slot& x, const Slot& y) {
    return x.in_rows() == y.in_rows();
  });
}

bool is_mixed(const std::vector<Slot>& slots) {
  return std::any_of(slots.begin(), slots.end(),
                     [&](const Slot& slot) { return slot.in_rows() != slots[0].in_rows(); });
}

// All members have the same form, and rows and columns if there are both.
bool is_uniform(const Members& members, bool mixed) {
  if (members.empty() || is_mixed(members[0]) != mixed) return false;
  return std::all_of(members.begin(), members.end(), [&](const std::vector<Slot>& member) {
    return same_form(member, members[0]);
  });
}

// Member i has the slots at `place(i, k)`.
template <class Place>
Members collect(const std::vector<Slot>& slots, size_t size, const Place& place) {
  Members out(slots.size() / size);
  for (size_t i = 0; i < out.size(); ++i) {
    for (size_t k = 0; k < size; ++k) out[i].push_back(slots[place(i, k)]);
  }
  return out;
}

}  // namespace

std::vector<Pairing> pairings(const std::vector<Slot>& slots, size_t size) {
  std::vector<Pairing> out;
  if (slots.empty() || slots.size() % size != 0) return out;
  const size_t count = slots.size() / size;
  const bool mixed = is_mixed(slots);
  const auto add = [&](std::string words, const auto& place) {
    Members members = collect(slots, size, place);
    if (is_uniform(members, mixed)) out.push_back({std::move(words), std::move(members)});
  };
  add("neighbours", [&](size_t i, size_t k) { return i * size + k; });
  if (count == 1) return out;
  add("role by role", [&](size_t i, size_t k) { return k * count + i; });
  if (size != 3) return out;
  add("two roles, then the third",
      [&](size_t i, size_t k) { return k < 2 ? 2 * i + k : 2 * count + i; });
  add("one role, then the two others",
      [&](size_t i, size_t k) { return k == 0 ? i : count + 2 * i + (k - 1); });
  return out;
}

}  // namespace wmk::checkpoint
