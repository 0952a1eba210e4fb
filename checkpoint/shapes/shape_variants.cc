#include "checkpoint/shapes/shape_variants.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "checkpoint/shapes/assemble.h"
#include "checkpoint/shapes/name_words.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kNormsTried = 4;

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
      : checkpoint_(checkpoint), shapes_(shapes), out_(out) {}

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
  void add(const OrderedReading& reading, const Choice& choice) {
    const auto chosen = chosen_sets(reading, choice);
    if (chosen.empty() || choice.embedding >= shapes_.embeddings.size()) return;
    const FfnSet& first = *chosen[0].set;
    std::vector<LayerPlace> places;
    AnatomyParts parts{.width = shapes_.width, .embedding = shapes_.embeddings[choice.embedding]};
    parts.groups = assemble_groups(chosen, reading.rank, shapes_.vectors, places);
    const auto norms = rank_norms(checkpoint_, shapes_, reading.rank, places);
    if (choice.norm > 0 && choice.norm >= norms.size()) return;
    if (!norms.empty()) parts.norm = &norms[choice.norm];
    const std::string& embedding = checkpoint_.tensors()[parts.embedding].name;
    std::string words = cat("roles from shapes (", reading.words, ", ", first.words, "): ",
                            to_string(chosen[0].arrangement, first.form), "; embedding '",
                            escaped(embedding), "'; ",
                            parts.norm != nullptr ? parts.norm->words : "no norm");
    add_variant(out_, {std::move(words), assemble(checkpoint_, std::move(parts))});
  }

  // All FFNs whose shapes tell their matrices apart, or the heaviest one alone; else the heaviest
  // of the others.
  std::vector<ArrangedSet> chosen_sets(const OrderedReading& reading, const Choice& choice) const {
    std::vector<ArrangedSet> out;
    for (const FfnChoices& ffns : reading.ffns) {
      const FfnSet& set = ffns[std::min(choice.pairing, ffns.size() - 1)];
      if (!out.empty() && (choice.heaviest_only || !set.is_certain())) break;
      const auto arrangements = rank_arrangements(checkpoint_, set, shapes_.width);
      out.push_back({&set, arrangements[std::min(choice.arrangement, arrangements.size() - 1)]});
    }
    return out;
  }

  const Checkpoint& checkpoint_;
  const ShapeReading& shapes_;
  std::vector<AnatomyVariant>& out_;
};

OrderedReading read_in_order(const std::vector<Tensor>& tensors, const ShapeReading& shapes,
                             std::string words, const std::vector<size_t>& order) {
  OrderedReading out{std::move(words), std::vector<size_t>(tensors.size()), {}};
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
  out.ffns = find_ffns(tensors, shapes, slots);
  return out;
}

}  // namespace

std::vector<AnatomyVariant> shape_variants(const Checkpoint& checkpoint, const Config& config) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  std::vector<size_t> stored(tensors.size());
  std::iota(stored.begin(), stored.end(), size_t{0});
  std::vector<size_t> named = stored;
  std::sort(named.begin(), named.end(), [&](size_t a, size_t b) {
    return comes_before(tensors[a].name, tensors[b].name);
  });
  std::vector<AnatomyVariant> out;
  for (const uint64_t width : likely_widths(tensors)) {
    const ShapeReading shapes = read_shapes(tensors, config, width);
    if (shapes.embeddings.empty() || shapes.slots.empty()) continue;
    ShapeReader reader(checkpoint, shapes, out);
    reader.add(read_in_order(tensors, shapes, "in the order of names", named));
    reader.add(read_in_order(tensors, shapes, "in the order of the file", stored));
  }
  return out;
}

}  // namespace wmk::checkpoint
