#include "checkpoint/readings/reading_maker.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/attention/head_variants.h"
#include "checkpoint/attention/heads.h"
#include "checkpoint/readings/norm_variants.h"
#include "checkpoint/readings/unit_variants.h"
#include "checkpoint/shapes/layout_variants.h"
#include "checkpoint/shapes/role_variants.h"

namespace wmk::checkpoint {

namespace {

const Change kExchanged{Axis::roles, "gate and up exchanged"};
const Change kNoConfig{Axis::roles, "config.json ignored"};

bool has(const std::vector<Change>& changes, const Change& change) {
  return std::find(changes.begin(), changes.end(), change) != changes.end();
}

std::string layer_words(uint64_t count) { return cat("layers from number ", count, " on ignored"); }

// The anatomy that a change names.
template <class Variant>
Result<Anatomy> pick(const std::vector<Variant>& variants, const Change& change) {
  for (const Variant& each : variants) {
    if (each.words == change.words) return each.anatomy;
  }
  return not_possible(change);
}

}  // namespace

const std::vector<AnatomyVariant>& ReadingMaker::variants(Files& files) const {
  if (!files.roles) {
    files.roles = role_variants(*files.checkpoint, files.config ? *files.config : Config(),
                                source_.rules ? &*source_.rules : nullptr);
  }
  return *files.roles;
}

Result<Anatomy> ReadingMaker::make_roles(Files& files, const std::vector<Change>& changes) const {
  const NamingFamily* rules = source_.rules ? &*source_.rules : nullptr;
  const auto is_variant = [](const Change& change) {
    return change.axis == Axis::roles && change != kExchanged && change != kNoConfig;
  };
  const auto variant = std::find_if(changes.begin(), changes.end(), is_variant);
  const bool ignored = has(changes, kNoConfig);
  if (variant != changes.end()) return pick(variants(files), *variant);
  if (!ignored && !files.config) return files.config.error();
  if (const auto known = files.named.find(ignored); known != files.named.end()) {
    return known->second;
  }
  auto anatomy = make_anatomy(*files.checkpoint, ignored ? Config() : *files.config, rules);
  if (!anatomy) return std::move(anatomy).error().within(escaped(source_.path.string()));
  files.named.emplace(ignored, *anatomy);
  return anatomy;
}

const std::vector<LabelVariant>& ReadingMaker::labels_of(const Checkpoint& checkpoint,
                                                         uint64_t rows) {
  auto& variants = labels_[{&checkpoint, rows}].variants;
  if (variants.empty()) variants = label_variants(checkpoint, rows);
  return variants;
}

Result<std::shared_ptr<const Vocabulary>> ReadingMaker::read_labels(const Checkpoint& checkpoint,
                                                                    uint64_t rows,
                                                                    const Change* change) {
  const std::string words = change != nullptr ? change->words : "";
  auto& known = labels_[{&checkpoint, rows}].read[words];
  if (known) return known;
  LabelVariant variant;
  if (change != nullptr) {
    const auto& all = labels_of(checkpoint, rows);
    const auto wanted = std::find_if(all.begin(), all.end(),
                                     [&](const LabelVariant& each) { return each.words == words; });
    if (wanted == all.end()) return not_possible(*change);
    variant = *wanted;
  }
  auto vocabulary = read_vocabulary(checkpoint, rows, variant);
  if (!vocabulary) return std::move(vocabulary).error();
  known = std::make_shared<const Vocabulary>(*std::move(vocabulary));
  return known;
}

Result<Reading> ReadingMaker::make(const std::vector<Change>& changes) {
  auto files = open_files(changes);
  if (!files) return std::move(files).error();
  const std::shared_ptr<const Checkpoint>& checkpoint = (*files)->checkpoint;
  auto anatomy = make_roles(**files, changes);
  if (anatomy) {
    if (const Change* layout = change_of(changes, Axis::layout)) {
      anatomy = pick(layout_variants(*checkpoint, *anatomy), *layout);
    }
  }
  if (anatomy && has(changes, kExchanged)) {
    anatomy = with_gate_and_up_exchanged(*std::move(anatomy));
  }
  if (anatomy) {
    if (const Change* norms = change_of(changes, Axis::norms)) {
      anatomy = pick(norm_variants(*checkpoint, *anatomy, &norms->words), *norms);
    }
  }
  if (!anatomy) return std::move(anatomy).error();
  if (const Change* layers = change_of(changes, Axis::layers)) {
    const Config* config = (*files)->config ? &*(*files)->config : nullptr;
    const uint64_t count = config && config->layers ? *config->layers : 0;
    auto fewer = with_layers_below(*std::move(anatomy), count);
    if (!fewer || layers->words != layer_words(count)) return not_possible(*layers);
    *anatomy = *std::move(fewer);
  }
  const Config config = (*files)->config ? *(*files)->config : Config();
  auto heads = find_heads(*checkpoint, *anatomy, config);
  if (!heads) return std::move(heads).error();
  anatomy->heads = *std::move(heads);
  if (const Change* other = change_of(changes, Axis::heads)) {
    anatomy = pick(head_variants(*checkpoint, *anatomy, config), *other);
    if (!anatomy) return std::move(anatomy).error();
  }
  auto labels = read_labels(*checkpoint, anatomy->vocabulary, change_of(changes, Axis::labels));
  if (!labels) return std::move(labels).error();
  return Reading{changes, checkpoint, std::make_shared<const Anatomy>(*std::move(anatomy)),
                 *std::move(labels)};
}

std::vector<Change> ReadingMaker::alternatives(const Reading& reading) {
  std::vector<Change> out;
  if (reading.anatomy->gated) out.push_back(kExchanged);
  for (Change& change : replacements()) {
    if (change.axis == Axis::roles) out.push_back(std::move(change));
  }
  for (AnatomyVariant& variant : layout_variants(*reading.checkpoint, *reading.anatomy)) {
    out.push_back({Axis::layout, std::move(variant.words)});
  }
  for (NormVariant& variant : norm_variants(*reading.checkpoint, *reading.anatomy)) {
    out.push_back({Axis::norms, std::move(variant.words)});
  }
  const Config* config = this->config();
  if (config != nullptr && config->layers) {
    if (with_layers_below(*reading.anatomy, *config->layers)) {
      out.push_back({Axis::layers, layer_words(*config->layers)});
    }
  }
  for (HeadVariant& variant :
       head_variants(*reading.checkpoint, *reading.anatomy, config ? *config : Config())) {
    out.push_back({Axis::heads, std::move(variant.words)});
  }
  add_files_and_numbers(reading.checkpoint.get(), Axis::files, out);
  const auto& labels = labels_of(*reading.checkpoint, reading.anatomy->vocabulary);
  for (size_t i = 1; i < labels.size(); ++i) out.push_back({Axis::labels, labels[i].words});
  add_files_and_numbers(reading.checkpoint.get(), Axis::numbers, out);
  return out;
}

std::vector<Change> ReadingMaker::replacements() {
  std::vector<Change> out;
  const auto files = open_files({});
  if (files) {
    if (!(*files)->config || (*files)->config->present) out.push_back(kNoConfig);
    for (const AnatomyVariant& variant : variants(**files)) {
      out.push_back({Axis::roles, variant.words});
    }
  }
  add_files_and_numbers(files ? (*files)->checkpoint.get() : nullptr, Axis::files, out);
  add_files_and_numbers(files ? (*files)->checkpoint.get() : nullptr, Axis::numbers, out);
  return out;
}

const Config* ReadingMaker::config() {
  const auto files = open_files({});
  return files && (*files)->config ? &*(*files)->config : nullptr;
}

}  // namespace wmk::checkpoint
