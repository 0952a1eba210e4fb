// shuffle-vocabulary: permutes the token ids: the rows of the embedding and of the head, and the
// ids in tokenizer.json, vocab.json and the configuration. Rows without a token stay.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "checkpoint/text/tokenizer.h"
#include "lab/attack_functions.h"
#include "lab/model/units.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using checkpoint::Role;

// place[id] is the new id of token `id`; larger ids stay.
using Places = std::vector<uint64_t>;

void renumber(JsonTree& number, const Places& place) {
  const auto id = number.unsigned_integer();
  if (!id || *id >= place.size()) return;
  const std::string key = number.key();
  number = JsonTree::number(place[*id]);
  number.rename(key);
}

void renumber_all(JsonTree& tree, const Places& place) {
  renumber(tree, place);
  for (JsonTree& child : tree.children()) renumber(child, place);
}

// Unigram vocabularies are arrays; the id of a token is its index.
void reorder_array(JsonTree& vocabulary, const Places& place) {
  std::vector<JsonTree>& old = vocabulary.children();
  std::vector<JsonTree> moved = old;
  for (size_t id = 0; id < old.size() && id < place.size(); ++id) {
    if (place[id] < moved.size()) moved[place[id]] = old[id];
  }
  old = std::move(moved);
}

void renumber_post_processor(JsonTree& tree, const Places& place) {
  if (JsonTree* special = tree.find("special_tokens")) {
    for (JsonTree& token : special->children()) {
      if (JsonTree* ids = token.find("ids")) renumber_all(*ids, place);
    }
  }
  if (JsonTree* parts = tree.find("processors")) {
    for (JsonTree& part : parts->children()) {
      if (JsonTree* special = part.find("special_tokens")) {
        for (JsonTree& token : special->children()) {
          if (JsonTree* ids = token.find("ids")) renumber_all(*ids, place);
        }
      }
    }
  }
}

void renumber_tokenizer(JsonTree& tokenizer, const Places& place) {
  if (JsonTree* model = tokenizer.find("model")) {
    if (JsonTree* vocabulary = model->find("vocab")) {
      if (vocabulary->kind() == json::Kind::array) {
        reorder_array(*vocabulary, place);
      } else {
        renumber_all(*vocabulary, place);
      }
    }
    if (JsonTree* unknown = model->find("unk_id")) renumber(*unknown, place);
  }
  if (JsonTree* added = tokenizer.find("added_tokens")) {
    for (JsonTree& token : added->children()) {
      if (JsonTree* id = token.find("id")) renumber(*id, place);
    }
  }
  if (JsonTree* post = tokenizer.find("post_processor")) renumber_post_processor(*post, place);
}

void renumber_special_ids(JsonTree& config, const Places& place) {
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id",
                          "decoder_start_token_id", "sep_token_id"}) {
    if (JsonTree* id = config.find(key)) renumber_all(*id, place);
  }
}

// The keys of added_tokens_decoder are ids written as strings.
void renumber_keys(JsonTree& config, const Places& place) {
  JsonTree* added = config.find("added_tokens_decoder");
  if (added == nullptr) return;
  for (JsonTree& token : added->children()) {
    uint64_t id = 0;
    const std::string& key = token.key();
    const auto read = std::from_chars(key.data(), key.data() + key.size(), id);
    if (read.ec == std::errc() && read.ptr == key.data() + key.size() && id < place.size()) {
      token.rename(to_text(place[id]));
    }
  }
}

Status renumber_companion(Model& model, const char* name, const Places& place,
                          void (*change)(JsonTree&, const Places&)) {
  auto tree = model.companion(name);
  if (!tree) return std::move(tree).error();
  if (!*tree) return {};
  change(**tree, place);
  model.replace_companion(name, **tree);
  return {};
}

Status renumber_companions(Model& model, const Places& place) {
  using Change = void (*)(JsonTree&, const Places&);
  constexpr std::pair<const char*, Change> kFiles[] = {
      {"tokenizer.json", renumber_tokenizer},
      {"vocab.json", renumber_all},
      {"generation_config.json", renumber_special_ids},
      {"tokenizer_config.json", renumber_keys}};
  for (const auto& [name, change] : kFiles) {
    if (auto status = renumber_companion(model, name, place, change); !status) return status;
  }
  return model.edit_config([&](JsonTree& config) { renumber_special_ids(config, place); });
}

// The ids of a unigram vocabulary must stay inside its array.
Result<uint64_t> movable_rows(const Model& model, uint64_t rows) {
  auto tokenizer = model.companion("tokenizer.json");
  if (!tokenizer) return std::move(tokenizer).error();
  const JsonTree* part = *tokenizer ? (*tokenizer)->find("model") : nullptr;
  const JsonTree* vocabulary = part ? part->find("vocab") : nullptr;
  const bool is_array = vocabulary && vocabulary->kind() == json::Kind::array;
  return is_array ? std::min<uint64_t>(rows, vocabulary->children().size()) : rows;
}

// A random permutation of the rows that have a token, or of all rows if there is no tokenizer.
Result<Places> choose_places(Model& model, uint64_t seed) {
  const uint64_t rows = model.anatomy().vocabulary;
  auto vocabulary = checkpoint::read_vocabulary(model.checkpoint().folder(), rows);
  if (!vocabulary) return std::move(vocabulary).error();
  if (vocabulary->source == "tokenizer.model") {
    return Error(ErrorCode::unsupported,
                 "the tokens are in tokenizer.model, which cannot be written")
        .with_hint("convert it to tokenizer.json first");
  }
  auto movable = movable_rows(model, rows);
  if (!movable) return std::move(movable).error();
  std::vector<uint64_t> named;
  for (uint64_t row = 0; row < *movable; ++row) {
    const bool has_token = vocabulary->strings[row] != checkpoint::id_label(row);
    if (vocabulary->source.empty() || has_token) named.push_back(row);
  }
  if (vocabulary->source.empty()) {
    model.note("there is no tokenizer, so all rows are permuted");
  }
  Places place(rows);
  for (uint64_t row = 0; row < rows; ++row) place[row] = row;
  const auto order = Random(seed, "shuffle-vocabulary").permutation(named.size());
  for (size_t i = 0; i < named.size(); ++i) place[named[i]] = named[order[i]];
  return place;
}

}  // namespace

Status shuffle_vocabulary(Model& model, const Arguments& arguments) {
  auto place = choose_places(model, arguments.seed());
  if (!place) return std::move(place).error();
  std::vector<uint64_t> order(place->size());
  for (uint64_t row = 0; row < order.size(); ++row) order[(*place)[row]] = row;
  const auto& tensors = model.checkpoint().tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const bool is_table = i == model.anatomy().token_embedding ||
                          model.anatomy().roles[i] == Role::head ||
                          tensors[i].name == "lm_head.bias";
    if (!is_table || tensors[i].shape.empty() || tensors[i].shape[0] != order.size()) continue;
    const uint64_t width = tensors[i].elements() / order.size();
    plan_reorder(model, View{i, 0, width, 1}, width, order);
  }
  return renumber_companions(model, *place);
}

}  // namespace wmk::lab
