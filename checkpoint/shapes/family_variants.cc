#include "checkpoint/shapes/family_variants.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "checkpoint/layout/family_anatomy.h"
#include "checkpoint/naming/candidates.h"
#include "checkpoint/shapes/folded_names.h"

namespace wmk::checkpoint {

namespace {

// Of the families that apply, so many are laid out.
constexpr size_t kFamiliesTried = 24;
constexpr size_t kFamiliesRead = 8;

// How `family` reads the checkpoint, with layers left out where it must be.
void add_family(const Checkpoint& checkpoint, const Config& config, const NamedCheckpoint& named,
                const NamingFamily& family, std::string words,
                std::vector<AnatomyVariant>& variants) {
  for (const LayerFaults faults : {LayerFaults::refused, LayerFaults::skipped}) {
    auto layout = lay_out(checkpoint.tensors(), named.names, family, faults);
    if (!layout) continue;
    auto anatomy = anatomy_of(checkpoint, config, named, {&family, *std::move(layout), {}});
    if (anatomy) add_variant(variants, {std::move(words), *std::move(anatomy)});
    return;
  }
}

void add_families(const Checkpoint& checkpoint, const Config& config, const NamedCheckpoint& named,
                  std::span<const NamingFamily* const> families, std::string_view suffix,
                  std::vector<AnatomyVariant>& variants) {
  size_t tried = 0;
  for (const Candidate& candidate : rank_candidates(named.names, families)) {
    if (!candidate.applies()) continue;
    if (++tried > kFamiliesTried || variants.size() >= kFamiliesRead) return;
    add_family(checkpoint, config, named, *candidate.family,
               cat("names of family '", candidate.family->name(), "'", suffix), variants);
  }
}

// The tensors that duplicates hide, instead of those that they keep.
NameTable other_copies(const Checkpoint& checkpoint, const Duplicates& duplicates,
                       const NameTable& kept) {
  NameTable out = NameTable::make(checkpoint.tensors());
  std::map<std::tuple<size_t, bool, std::vector<uint64_t>>, bool> hidden_names;
  for (const size_t i : duplicates.tensors) {
    const IndexedName& name = out.entries[i];
    hidden_names[{name.pattern, name.is_bias, name.numbers}] = true;
  }
  for (size_t i = 0; i < out.entries.size(); ++i) {
    const IndexedName& name = out.entries[i];
    const bool was_kept = kept.patterns[kept.entries[i].pattern].canonical ==
                          out.patterns[name.pattern].canonical;
    if (was_kept && hidden_names.contains({name.pattern, name.is_bias, name.numbers})) out.hide(i);
  }
  return out;
}

}  // namespace

std::vector<AnatomyVariant> family_variants(const Checkpoint& checkpoint, const Config& config,
                                            std::span<const NamingFamily* const> families) {
  std::vector<AnatomyVariant> out;
  auto named = name_tensors(checkpoint, config, families);
  if (!named) return out;
  add_families(checkpoint, config, *named, families, "", out);
  if (named->duplicates.differing.empty()) return out;
  named->names = other_copies(checkpoint, named->duplicates, named->names);
  named->duplicates = {};
  add_families(checkpoint, config, *named, families, ", copies behind other wrappers", out);
  return out;
}

std::vector<AnatomyVariant> folded_variants(const Checkpoint& checkpoint, const Config& config,
                                            std::span<const NamingFamily* const> families) {
  std::vector<AnatomyVariant> out;
  for (FoldedNames& folded : fold_names(checkpoint.tensors(), families)) {
    NamedCheckpoint named{.names = std::move(folded.names)};
    add_family(checkpoint, config, named, *folded.family,
               cat("names of family '", folded.family->name(), "' behind another prefix or with ",
                   "other separators"),
               out);
    if (out.size() >= kFamiliesRead) break;
  }
  return out;
}

}  // namespace wmk::checkpoint
