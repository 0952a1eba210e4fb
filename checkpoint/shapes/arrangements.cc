#include "checkpoint/shapes/arrangements.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "checkpoint/shapes/profile.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kMembersSampled = 6;
// Agreements below the first are chance, and more so of few neurons; differences below the second
// say nothing.
constexpr double kLengthsAgree = 0.15;
constexpr double kLengthsStep = 0.05;

Slot turned(Slot slot) {
  std::swap(slot.unit_stride, slot.coordinate_stride);
  return slot;
}

bool contains_any(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return name.find(word) != std::string_view::npos;
  });
}

bool is_gate_name(std::string_view name) {
  return contains_any(name, {"gate", "w1", "wi_0", "wi/0", "wi.0"});
}
bool is_up_name(std::string_view name) {
  return contains_any(name, {"up", "w3", "v1", "wi_1", "wi/1", "wi.1", "fc1", "c_fc", "fc_in",
                             "h_to_4h", "intermediate", "key"});
}
bool is_down_name(std::string_view name) {
  return contains_any(
      name, {"down", "w2", "wo", "fc2", "c_proj", "fc_out", "4h_to_h", "output", "value"});
}

// How many names of the first FFN agree with the arrangement.
int named_roles(const Checkpoint& checkpoint, const FfnSet& set, const Arrangement& arrangement) {
  const auto name = [&](size_t place) {
    return lower_case(checkpoint.tensors()[set.members[0].slots[place].tensor].name);
  };
  int out = is_down_name(name(arrangement.down)) && !is_up_name(name(arrangement.down));
  if (set.form == FfnForm::fused) return out;
  out += is_up_name(name(arrangement.up)) && !is_gate_name(name(arrangement.up));
  if (arrangement.gate) out += is_gate_name(name(*arrangement.gate));
  return out;
}

// Of square matrices either down or the others are stored transposed.
void add_turned(const Arrangement& plain, bool square, std::vector<Arrangement>& out) {
  out.push_back(plain);
  if (!square) return;
  out.back().turned_down = true;
  out.push_back(plain);
  out.back().turned_rows = true;
}

std::vector<Arrangement> of_three(const FfnSet& set, bool square) {
  const std::vector<Slot>& slots = set.members[0].slots;
  const auto rows = static_cast<size_t>(
      std::count_if(slots.begin(), slots.end(), [](const Slot& slot) { return slot.in_rows(); }));
  std::vector<Arrangement> out;
  // Down last, first, then in the middle.
  for (const size_t down : {2, 0, 1}) {
    const bool is_odd = slots[down].in_rows() == (rows == 1);
    if (rows != 0 && rows != 3 && !is_odd) continue;
    const size_t a = down == 0 ? 1 : 0, b = down == 2 ? 1 : 2;
    for (const auto& [gate, up] : {std::pair(a, b), std::pair(b, a)}) {
      const Arrangement plain{.gate = gate, .up = up, .down = down};
      add_turned(plain, square, out);
    }
  }
  return out;
}

std::vector<Arrangement> of_two(bool square) {
  std::vector<Arrangement> out;
  for (const size_t down : {1, 0}) {
    const Arrangement plain{.up = 1 - down, .down = down};
    add_turned(plain, square, out);
  }
  return out;
}

std::vector<Arrangement> of_fused(bool square) {
  std::vector<Arrangement> out;
  for (const bool up_first : {false, true}) {
    for (const FusedForm form : {FusedForm::halves, FusedForm::interleaved}) {
      for (const bool turned : {true, false}) {
        if (turned && !square) continue;
        out.push_back({.gate = 0,
                       .up = 0,
                       .down = 1,
                       .turned_down = turned,
                       .fused = form,
                       .up_first = up_first});
      }
    }
  }
  return out;
}

// The places of `count` members, spread over all.
std::vector<size_t> sample_places(size_t count) {
  std::vector<size_t> out;
  const size_t taken = std::min(count, kMembersSampled);
  for (size_t i = 0; i < taken; ++i) out.push_back(i * count / taken);
  return out;
}

}  // namespace

ArrangedFfn arrange(const FfnMember& member, FfnForm form, const Arrangement& arrangement) {
  const auto at = [&](size_t place, bool turn) {
    return turn ? turned(member.slots[place]) : member.slots[place];
  };
  ArrangedFfn out{.gate = {},
                  .up = at(arrangement.up, arrangement.turned_rows),
                  .down = at(arrangement.down, arrangement.turned_down)};
  if (arrangement.gate) out.gate = at(*arrangement.gate, arrangement.turned_rows);
  if (form != FfnForm::fused) return out;
  const uint64_t step = out.up.unit_stride;
  for (Slot* slot : {&*out.gate, &out.up}) {
    if (arrangement.fused == FusedForm::interleaved) slot->unit_stride = 2 * step;
  }
  Slot& second = arrangement.up_first ? *out.gate : out.up;
  second.first += arrangement.fused == FusedForm::interleaved ? step : out.up.units * step;
  return out;
}

std::string to_string(const Arrangement& arrangement, FfnForm form) {
  std::array<std::string_view, 3> roles = {"", "", ""};
  roles[arrangement.up] = "up";
  roles[arrangement.down] = "down";
  if (form == FfnForm::fused) {
    return cat("gate and up ", arrangement.fused == FusedForm::halves ? "as halves" : "interleaved",
               arrangement.up_first ? ", up first" : "");
  }
  if (arrangement.gate) roles[*arrangement.gate] = "gate";
  std::string out = cat(roles[0], ", ", roles[1]);
  if (form == FfnForm::three) out += cat(", ", roles[2]);
  if (arrangement.turned_down) out += ", neurons of down in columns";
  if (arrangement.turned_rows) out += ", neurons of up in columns";
  return out;
}

double fit_of(const Checkpoint& checkpoint, const FfnSet& set, const Arrangement& arrangement,
              uint64_t width) {
  double sum = 0;
  const std::vector<size_t> places = sample_places(set.members.size());
  for (const size_t place : places) {
    const FfnMember& member = set.members[place];
    const ArrangedFfn ffn = arrange(member, set.form, arrangement);
    const uint64_t slice = ffn.up.slices / 2;
    const Profile up = profile_of(checkpoint, ffn.up.view(slice), ffn.up.units, width);
    const Profile down = profile_of(checkpoint, ffn.down.view(slice), ffn.down.units, width);
    sum += agreement(up.units, down.units);
  }
  return sum / static_cast<double>(std::max<size_t>(1, places.size()));
}

std::vector<Arrangement> rank_arrangements(const Checkpoint& checkpoint, const FfnSet& set,
                                           uint64_t width) {
  const bool square = set.members[0].slots.back().units == width;
  std::vector<Arrangement> all = set.form == FfnForm::three ? of_three(set, square)
                                 : set.form == FfnForm::two ? of_two(square)
                                                            : of_fused(square);
  const double units =
      static_cast<double>(std::min(set.members[0].slots.back().units, kUnitsSampled));
  const double least = kLengthsAgree + 1 / std::sqrt(units);
  std::vector<std::pair<double, int>> keys;  // larger is better
  std::vector<size_t> order;
  for (const Arrangement& each : all) {
    const double fit = fit_of(checkpoint, set, each, width);
    keys.emplace_back(fit < least ? 0 : std::floor(fit / kLengthsStep),
                      named_roles(checkpoint, set, each));
    order.push_back(order.size());
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return keys[a] > keys[b]; });
  std::vector<Arrangement> out;
  for (const size_t i : order) out.push_back(all[i]);
  return out;
}

}  // namespace wmk::checkpoint
