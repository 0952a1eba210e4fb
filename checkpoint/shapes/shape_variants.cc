#include "checkpoint/shapes/shape_variants.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "base/text.h"
#include "checkpoint/shapes/assemble.h"
#include "checkpoint/shapes/name_words.h"
#include "checkpoint/shapes/shape_attention.h"

namespace wmk::checkpoint {

namespace {

// Far more than any model has; above them shapes are not read.
constexpr size_t kTensorsShaped = 1 << 19;
// FFNs of so many sizes are read; some models have one size a layer.
constexpr size_t kSizesUsed = 128;

// One order of tensors and what it gives.
struct OrderedReading {
  std::string words;
  std::vector<size_t> rank;  // place of each tensor
  std::vector<FfnChoices> ffns;
};

// What a variant is made of: places in the lists of alternatives.
struct Choice {
  size_t arrangement = 0, embedding = 0, norm = 0, pairing = 0;
  bool heaviest_only = false;
};

class ShapeReader {
 public:
  ShapeReader(const Checkpoint& checkpoint, const ShapeReading& shapes,
              std::vector<AnatomyVariant>& out)
      : checkpoint_(checkpoint), lengths_(checkpoint), shapes_(shapes), out_(out) {}

  void add(const OrderedReading& reading) {
    const std::vector<Choice> choices = {
        {},
        {.arrangement = 1},
        {.embedding = 1},
        {.norm = 1},
        {.arrangement = 1, .embedding = 1},
        {.norm = 2},
        {.pairing = 1},
        {.heaviest_only = true},
        {.norm = 3},
        {.arrangement = 1, .norm = 1},
        {.arrangement = 2},
        {.arrangement = 3},
        {.arrangement = 1, .pairing = 1},
        {.pairing = 2},
        {.embedding = 2},
    };
    for (const Choice& choice : choices) add(reading, choice);
  }

 private:
  // The groups of some sets, and the norms they may have.
  struct Groups {
    std::string words;
    std::vector<UnitGroup> groups;
    std::vector<NormChoice> norms;
  };

  void add(const OrderedReading& reading, const Choice& choice) {
    const Groups& read = groups_of(reading, choice);
    if (read.groups.empty() || choice.embedding >= shapes_.embeddings.size()) return;
    if (choice.norm > 0 && choice.norm >= read.norms.size()) return;
    AnatomyParts parts{.width = shapes_.width,
                       .embedding = shapes_.embeddings[choice.embedding],
                       .groups = read.groups};
    if (!read.norms.empty()) parts.norm = &read.norms[choice.norm];
    const std::string& embedding = checkpoint_.tensors()[parts.embedding].name;
    std::string words =
        cat("roles from shapes (", reading.words, ", ", read.words, "; embedding '",
            escaped(embedding), "'; ", parts.norm != nullptr ? parts.norm->words : "no norm");
    AnatomyVariant variant{std::move(words), assemble(checkpoint_, std::move(parts))};
    add_attention(checkpoint_, reading.rank, variant.anatomy);
    add_variant(out_, std::move(variant));
  }

  const Groups& groups_of(const OrderedReading& reading, const Choice& choice) {
    const auto [at, is_new] =
        known_.try_emplace({&reading, choice.arrangement, choice.pairing, choice.heaviest_only});
    if (!is_new) return at->second;
    const auto chosen = chosen_sets(reading, choice);
    if (chosen.empty()) return at->second;
    const FfnSet& first = *chosen[0].set;
    std::vector<LayerPlace> places;
    at->second.words = cat(first.words, "): ", to_string(chosen[0].arrangement, first.form));
    at->second.groups = assemble_groups(chosen, reading.rank, shapes_.vectors, places);
    at->second.norms = rank_norms(checkpoint_, lengths_, shapes_, reading.rank, places);
    return at->second;
  }

  // All FFNs whose shapes tell their matrices apart, or the heaviest one alone; else the heaviest
  // of the others.
  std::vector<ArrangedSet> chosen_sets(const OrderedReading& reading, const Choice& choice) {
    std::vector<ArrangedSet> out;
    for (const FfnChoices& ffns : reading.ffns) {
      if (out.size() >= kSizesUsed) break;
      const FfnSet& set = ffns[std::min(choice.pairing, ffns.size() - 1)];
      if (!out.empty() && (choice.heaviest_only || !set.is_certain())) break;
      auto [at, is_new] = arrangements_.try_emplace(&set);
      if (is_new) at->second = rank_arrangements(checkpoint_, set, shapes_.width);
      const std::vector<Arrangement>& arrangements = at->second;
      out.push_back({&set, arrangements[std::min(choice.arrangement, arrangements.size() - 1)]});
    }
    return out;
  }

  const Checkpoint& checkpoint_;
  ColumnLengths lengths_;
  const ShapeReading& shapes_;
  std::vector<AnatomyVariant>& out_;
  std::map<std::tuple<const OrderedReading*, size_t, size_t, bool>, Groups> known_;
  std::map<const FfnSet*, std::vector<Arrangement>> arrangements_;
};

OrderedReading read_in_order(const Checkpoint& checkpoint, const ShapeReading& shapes,
                             std::string words, const std::vector<size_t>& order) {
  OrderedReading out{std::move(words), std::vector<size_t>(checkpoint.tensors().size()), {}};
  for (size_t i = 0; i < order.size(); ++i) out.rank[order[i]] = i;
  std::vector<size_t> slots(shapes.slots.size());
  std::iota(slots.begin(), slots.end(), size_t{0});
  std::erase_if(slots, [&](size_t i) {
    return std::find(shapes.embeddings.begin(), shapes.embeddings.end(), shapes.slots[i].tensor) !=
           shapes.embeddings.end();
  });
  std::sort(slots.begin(), slots.end(), [&](size_t a, size_t b) {
    return out.rank[shapes.slots[a].tensor] < out.rank[shapes.slots[b].tensor];
  });
  out.ffns = find_ffns(checkpoint, shapes, slots);
  return out;
}

}  // namespace

std::vector<AnatomyVariant> shape_variants(const Checkpoint& checkpoint, const Config& config) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  if (tensors.size() > kTensorsShaped) return {};
  std::vector<size_t> stored(tensors.size());
  std::iota(stored.begin(), stored.end(), size_t{0});
  std::vector<size_t> named = stored;
  std::sort(named.begin(), named.end(),
            [&](size_t a, size_t b) { return comes_before(tensors[a].name, tensors[b].name); });
  std::vector<AnatomyVariant> out;
  for (const uint64_t width : likely_widths(tensors)) {
    for (const StackAxis axis : {StackAxis::first, StackAxis::second}) {
      const ShapeReading shapes = read_shapes(tensors, config, width, axis);
      if (shapes.embeddings.empty() || shapes.slots.empty()) continue;
      ShapeReader reader(checkpoint, shapes, out);
      const OrderedReading by_name =
          read_in_order(checkpoint, shapes, "in the order of names", named);
      reader.add(by_name);
      if (named == stored) continue;
      const OrderedReading by_file =
          read_in_order(checkpoint, shapes, "in the order of the file", stored);
      reader.add(by_file);
    }
  }
  return out;
}

}  // namespace wmk::checkpoint
