// Hide what is quantised or stored twice; read the norm weights of a layout.
#include "checkpoint/layout/family_anatomy.h"

#include "base/text.h"
#include "checkpoint/layout/model_type.h"
#include "checkpoint/layout/norm_weights.h"
#include "checkpoint/layout/skipped.h"

namespace wmk::checkpoint {

namespace {

// Shapes decide; a config.json that disagrees is noted.
void note_disagreements(const Checkpoint& checkpoint, const Config& config, Anatomy& anatomy) {
  const auto compare = [&](std::string_view what, std::optional<uint64_t> configured,
                           uint64_t actual) {
    if (!configured || *configured == actual) return;
    anatomy.notes.push_back(
        cat("config.json says ", what, " ", *configured, ", the tensors have ", actual));
  };
  compare("width", config.hidden_size, anatomy.width);
  compare("layers", config.layers, anatomy.layer_count());
  compare("vocabulary", config.vocabulary, anatomy.vocabulary);
  compare("experts", config.experts, anatomy.expert_count());
  const Tensor& up = checkpoint.tensors()[anatomy.groups[0].up.tensor];
  if (up.dtype == DType::f64) {
    anatomy.notes.push_back("the FFN weights are F64; they are read rounded to F32");
  }
  if (!config.quantization.empty() && checkpoint.quantisation().empty()) {
    anatomy.notes.push_back(cat("config.json says that the weights are quantised by '",
                                escaped(config.quantization), "', but they are not"));
  }
}

std::vector<std::optional<Role>> roles_of(const NameTable& names, const NamingFamily& family) {
  const std::vector<const Rule*> rules = names.rules_of(family);
  std::vector<std::optional<Role>> out;
  out.reserve(names.entries.size());
  for (const IndexedName& entry : names.entries) {
    out.push_back(role_of(entry, rules[entry.pattern]));
  }
  return out;
}

// The tensors of attention, in the order of the checkpoint.
std::vector<AttentionTensor> attention_of(const NameTable& names, const NamingFamily& family) {
  const std::vector<const Rule*> rules = names.rules_of(family);
  std::vector<AttentionTensor> out;
  for (size_t i = 0; i < names.entries.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    const Rule* rule = rules[entry.pattern];
    if (rule == nullptr || rule->attention == AttentionPart::none || !rule->names_layer()) continue;
    AttentionTensor tensor{i, rule->attention, entry.numbers[0], rule->part, entry.is_bias};
    if (rule->numbers > 1) {
      tensor.place += cat(tensor.place.empty() ? "" : " ", "block ", entry.numbers[1]);
    }
    tensor.transposed = rule->transposed;
    tensor.by_group = rule->by_group;
    tensor.gate_first = rule->gate_first;
    tensor.quarters = rule->quarters;
    tensor.stacked = rule->stacked;
    tensor.one_plus = rule->one_plus;
    tensor.is_shared = rule->role == Role::ffn_norm;
    out.push_back(std::move(tensor));
  }
  return out;
}

}  // namespace

std::vector<const NamingFamily*> families_to_try(const NamingFamily* rules) {
  if (rules != nullptr) return {rules};
  std::vector<const NamingFamily*> out;
  for (const NamingFamily& family : families()) out.push_back(&family);
  return out;
}

Result<NamedCheckpoint> name_tensors(const Checkpoint& checkpoint, const Config& config,
                                     std::span<const NamingFamily* const> families) {
  // Families of the program spell names alike.
  const Spelling spelling = families.size() == 1 ? families[0]->spelling() : Spelling();
  NamedCheckpoint out{.names = NameTable::make(checkpoint.tensors(), spelling),
                      .notes = config.notes};
  out.unread = hide_quantised(checkpoint, config, families, out.names);
  auto duplicates = hide_duplicates(checkpoint, out.names);
  if (!duplicates) return std::move(duplicates).error();
  out.duplicates = *std::move(duplicates);
  out.type = type_of(config, families, out.notes);
  return out;
}

Result<Anatomy> anatomy_of(const Checkpoint& checkpoint, const Config& config,
                           const NamedCheckpoint& named, FamilyChoice choice) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  const auto& [names, unread, duplicates, type, notes] = named;
  auto norm_weights = read_norm_weights(checkpoint, choice.layout);
  if (!norm_weights) return std::move(norm_weights).error();

  Anatomy out;
  out.family = choice.family->name();
  out.width = choice.layout.width;
  out.token_embedding = choice.layout.token_embedding;
  out.vocabulary = tensors[out.token_embedding].shape[0];
  out.gated = choice.layout.gated();
  out.groups = std::move(choice.layout.groups);
  out.norm_weights = *std::move(norm_weights);
  out.norm_sources = std::move(choice.layout.norms);
  out.roles = roles_of(names, *choice.family);
  out.attention = attention_of(names, *choice.family);
  out.no_heads = choice.family->no_heads();
  out.skipped = std::move(choice.layout.skipped);
  out.notes = notes;
  for (const std::vector<std::string>& more : {choice.notes, duplicates.notes, unread.notes}) {
    out.notes.insert(out.notes.end(), more.begin(), more.end());
  }
  skip_unread(unread, *choice.family, out);
  skip_unexplained(names, *choice.family, out);
  if (auto status = check_skipped(out.groups, out.skipped); !status) {
    return unread.modules.empty() ? std::move(status).error() : unread.modules[0].second;
  }
  skip_differing(tensors, duplicates, *choice.family, out);
  out.duplicates = duplicates.tensors;
  if (subtract_means(tensors, out)) out.ones = Ones::ignored;
  note_skipped(out);
  note_disagreements(checkpoint, config, out);
  return out;
}

}  // namespace wmk::checkpoint
