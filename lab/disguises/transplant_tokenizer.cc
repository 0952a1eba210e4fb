// transplant-tokenizer: the tokenizer of another model, and an embedding made for it. A token whose
// bytes both tokenizers know keeps its row; each other row is a mixture of the rows of a few
// tokens.
#include <algorithm>
#include <map>
#include <memory>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/text/tokenizer.h"
#include "lab/attack_functions.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using checkpoint::Role;
using checkpoint::Vocabulary;

constexpr uint64_t kTokenizerBytesMax = 256ull << 20, kRowsMax = 1ull << 24;

// The rows of the old table that a row of the new one is made of, with their weights.
using Mixture = std::vector<std::pair<uint64_t, float>>;
using Mixtures = std::vector<Mixture>;  // by row of the new table

struct Donor {
  JsonTree tokenizer;
  Vocabulary vocabulary;
};

void raise(const JsonTree* id, uint64_t& rows) {
  const auto number = id ? id->unsigned_integer() : std::nullopt;
  if (number && *number < kRowsMax) rows = std::max(rows, *number + 1);
}

// One more than the largest id.
uint64_t rows_of(const JsonTree& tokenizer) {
  uint64_t rows = 0;
  const JsonTree* model = tokenizer.find("model");
  if (const JsonTree* vocabulary = model ? model->find("vocab") : nullptr) {
    if (vocabulary->kind() == json::Kind::array) rows = vocabulary->children().size();
    for (const JsonTree& token : vocabulary->children()) raise(&token, rows);
  }
  if (const JsonTree* added = tokenizer.find("added_tokens")) {
    for (const JsonTree& token : added->children()) raise(token.find("id"), rows);
  }
  return rows;
}

Result<Donor> read_donor(const std::filesystem::path& folder) {
  auto text = read_text(folder / "tokenizer.json", kTokenizerBytesMax);
  if (!text) return std::move(text).error().with_hint("the donor needs a tokenizer.json");
  auto tree = JsonTree::parse(std::move(*text));
  if (!tree) return std::move(tree).error().within("tokenizer.json");
  auto vocabulary = checkpoint::read_vocabulary(folder, rows_of(*tree));
  if (!vocabulary) return std::move(vocabulary).error();
  if (vocabulary->named == 0) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(folder.string()), ": the tokenizer has no tokens"));
  }
  return Donor{std::move(*tree), std::move(*vocabulary)};
}

Mixture mixture_of(uint64_t rows, uint64_t parts, Random& random) {
  Mixture out;
  float sum = 0;
  for (uint64_t i = 0; i < parts; ++i) {
    const auto weight = static_cast<float>(random.uniform(0.1, 1));
    out.emplace_back(random.below(rows), weight);
    sum += weight;
  }
  for (auto& [row, weight] : out) weight /= sum;
  return out;
}

Mixtures all_mixtures(const Vocabulary& own, const Vocabulary& donor, uint64_t parts,
                      Random random) {
  std::map<std::string_view, uint64_t> row_of;
  for (uint64_t row = 0; row < own.strings.size(); ++row) {
    if (own.strings[row] != checkpoint::id_label(row)) row_of.emplace(own.strings[row], row);
  }
  Mixtures out;
  for (const std::string& label : donor.strings) {
    const auto found = row_of.find(label);
    out.push_back(found != row_of.end() ? Mixture{{found->second, 1.0f}}
                                        : mixture_of(own.strings.size(), parts, random));
  }
  return out;
}

Status combine(Values& values, uint64_t width, const Mixtures& mixtures) {
  Values out(mixtures.size() * width, 0);
  for (size_t row = 0; row < mixtures.size(); ++row) {
    for (const auto& [from, weight] : mixtures[row]) {
      for (uint64_t i = 0; i < width; ++i) {
        out[row * width + i] += weight * values[from * width + i];
      }
    }
  }
  values = std::move(out);
  return {};
}

void plan_tables(Model& model, uint64_t old_rows, std::shared_ptr<const Mixtures> mixtures) {
  const auto& tensors = model.checkpoint().tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const bool is_table = i == model.anatomy().token_embedding ||
                          model.anatomy().roles[i] == Role::head ||
                          tensors[i].name == "lm_head.bias";
    if (!is_table || tensors[i].shape.empty() || tensors[i].shape[0] != old_rows) continue;
    PlannedTensor& tensor = model.plan().at_origin(i);
    tensor.shape[0] = mixtures->size();
    tensor.edits.push_back([mixtures, width = tensors[i].elements() / old_rows](Values& values) {
      return combine(values, width, *mixtures);
    });
  }
}

}  // namespace

Status transplant_tokenizer(Model& model, const Arguments& arguments) {
  const uint64_t rows = model.anatomy().vocabulary;
  auto own = checkpoint::read_vocabulary(model.checkpoint().folder(), rows);
  if (!own) return std::move(own).error();
  auto donor = read_donor(arguments.text("donor"));
  if (!donor) return std::move(donor).error();
  Random random(arguments.seed(), "transplant-tokenizer");
  auto mixtures = std::make_shared<const Mixtures>(
      all_mixtures(*own, donor->vocabulary, arguments.whole("parts"), std::move(random)));
  uint64_t kept = 0;
  for (const Mixture& mixture : *mixtures) kept += mixture.size() == 1 && mixture[0].second == 1;
  model.note(cat(kept, " of ", mixtures->size(), " tokens keep the row of their string"));
  plan_tables(model, rows, mixtures);
  model.replace_companion("tokenizer.json", donor->tokenizer);
  return model.edit_config([&](JsonTree& config) {
    config.set("vocab_size", JsonTree::number(donor->vocabulary.strings.size()));
  });
}

}  // namespace wmk::lab
