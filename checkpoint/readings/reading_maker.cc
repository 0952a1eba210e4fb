#include "checkpoint/readings/reading_maker.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/readings/norm_variants.h"
#include "checkpoint/readings/unit_variants.h"
#include "checkpoint/shapes/role_variants.h"

namespace wmk::checkpoint {

namespace {

const Change kExchanged{Axis::roles, "gate and up exchanged"};
const Change kNoConfig{Axis::roles, "config.json ignored"};

const Change* change_of(const std::vector<Change>& changes, Axis axis) {
  const auto found = std::find_if(changes.begin(), changes.end(),
                                  [&](const Change& change) { return change.axis == axis; });
  return found == changes.end() ? nullptr : &*found;
}

bool has(const std::vector<Change>& changes, const Change& change) {
  return std::find(changes.begin(), changes.end(), change) != changes.end();
}

std::string layer_words(uint64_t count) { return cat("layers from number ", count, " on ignored"); }

Error not_possible(const Change& change) {
  return Error(ErrorCode::invalid_argument, cat("this model has no reading '", change.words, "'"));
}

}  // namespace

Result<ReadingMaker::Files*> ReadingMaker::open_files(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.axis == Axis::files || change.axis == Axis::numbers) return not_possible(change);
  }
  const auto known = files_.find("");
  if (known != files_.end()) return &known->second;
  auto opened = source_.base.empty() ? Checkpoint::open(source_.path)
                                     : Checkpoint::open_merged(source_.path, source_.base);
  if (!opened) return std::move(opened).error();
  auto checkpoint = std::make_shared<const Checkpoint>(*std::move(opened));
  auto config = read_config(*checkpoint);
  return &files_.emplace("", Files{std::move(checkpoint), std::move(config)}).first->second;
}

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
  Result<Anatomy> anatomy = not_possible({Axis::roles, "none"});
  if (variant != changes.end()) {
    for (const AnatomyVariant& each : variants(files)) {
      if (each.words == variant->words) anatomy = each.anatomy;
    }
    if (!anatomy) return not_possible(*variant);
  } else if (!ignored && !files.config) {
    return files.config.error();
  } else {
    anatomy = make_anatomy(*files.checkpoint, ignored ? Config() : *files.config, rules);
  }
  if (!anatomy) return std::move(anatomy).error().within(escaped(source_.path.string()));
  if (has(changes, kExchanged)) {
    return with_gate_and_up_exchanged(*std::move(anatomy));
  }
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
  if (!anatomy) return std::move(anatomy).error();
  if (const Change* norms = change_of(changes, Axis::norms)) {
    auto variants = norm_variants(*checkpoint, *anatomy);
    const auto wanted = std::find_if(variants.begin(), variants.end(),
                                     [&](const NormVariant& v) { return v.words == norms->words; });
    if (wanted == variants.end()) return not_possible(*norms);
    *anatomy = std::move(wanted->anatomy);
  }
  if (const Change* layers = change_of(changes, Axis::layers)) {
    const Config* config = (*files)->config ? &*(*files)->config : nullptr;
    const uint64_t count = config && config->layers ? *config->layers : 0;
    auto fewer = with_layers_below(*std::move(anatomy), count);
    if (!fewer || layers->words != layer_words(count)) return not_possible(*layers);
    *anatomy = *std::move(fewer);
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
  for (NormVariant& variant : norm_variants(*reading.checkpoint, *reading.anatomy)) {
    out.push_back({Axis::norms, std::move(variant.words)});
  }
  if (const Config* config = this->config(); config != nullptr && config->layers) {
    if (with_layers_below(*reading.anatomy, *config->layers)) {
      out.push_back({Axis::layers, layer_words(*config->layers)});
    }
  }
  const auto& labels = labels_of(*reading.checkpoint, reading.anatomy->vocabulary);
  for (size_t i = 1; i < labels.size(); ++i) out.push_back({Axis::labels, labels[i].words});
  return out;
}

std::vector<Change> ReadingMaker::replacements() {
  std::vector<Change> out;
  const auto files = open_files({});
  if (!files) return out;
  if (!(*files)->config || (*files)->config->present) out.push_back(kNoConfig);
  for (const AnatomyVariant& variant : variants(**files)) {
    out.push_back({Axis::roles, variant.words});
  }
  return out;
}

const Config* ReadingMaker::config() {
  const auto files = open_files({});
  return files && (*files)->config ? &*(*files)->config : nullptr;
}

}  // namespace wmk::checkpoint
