// rename-tokens: other strings for the same tokens. Rows, ids and weights stay.
#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

// The new string of each token that is renamed.
class NewStrings {
 public:
  NewStrings(double fraction, uint64_t seed) : fraction_(fraction), seed_(seed) {}

  std::string of(uint64_t id, const std::string& old) const {
    Random random(seed_, cat("rename-tokens/", id));
    return random.uniform() < fraction_ ? cat("q", to_text(id), "z") : old;
  }

 private:
  double fraction_;
  uint64_t seed_;
};

// {string: id}, or [[string, score], ...] by id.
void rename_vocabulary(JsonTree& vocabulary, const NewStrings& names) {
  uint64_t place = 0;
  for (JsonTree& token : vocabulary.children()) {
    if (vocabulary.kind() == json::Kind::object) {
      if (const auto id = token.unsigned_integer()) token.rename(names.of(*id, token.key()));
    } else if (!token.children().empty()) {
      JsonTree& text = token.children().front();
      text = JsonTree::string(names.of(place, text.text()));
    }
    ++place;
  }
}

void rename_tokenizer(JsonTree& tokenizer, const NewStrings& names) {
  if (JsonTree* model = tokenizer.find("model")) {
    if (JsonTree* vocabulary = model->find("vocab")) rename_vocabulary(*vocabulary, names);
    // They are made of the old strings.
    if (model->find("merges")) model->set("merges", JsonTree::array());
  }
  if (JsonTree* added = tokenizer.find("added_tokens")) {
    for (JsonTree& token : added->children()) {
      const JsonTree* number = token.find("id");
      const JsonTree* content = token.find("content");
      const auto id = number ? number->unsigned_integer() : std::nullopt;
      if (id && content) token.set("content", JsonTree::string(names.of(*id, content->text())));
    }
  }
}

}  // namespace

Status rename_tokens(Model& model, const Arguments& arguments) {
  const NewStrings names(arguments.number("fraction"), arguments.seed());
  bool any = false;
  for (const char* file : {"tokenizer.json", "vocab.json"}) {
    auto tree = model.companion(file);
    if (!tree) return std::move(tree).error();
    if (!*tree) continue;
    any = true;
    (*tree)->find("model") ? rename_tokenizer(**tree, names) : rename_vocabulary(**tree, names);
    model.replace_companion(file, **tree);
  }
  if (any) return {};
  return Error(ErrorCode::unsupported, "the model has neither tokenizer.json nor vocab.json");
}

}  // namespace wmk::lab
