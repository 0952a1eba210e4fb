// rotate: a random rotation of the residual stream. Gains do not commute with it, so they are
// folded into the matrices that read behind them first; a tied head is untied, because the final
// gain folds into the head alone.
#include <map>
#include <memory>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/attacks/rotation.h"
#include "lab/model/residual.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using enum ResidualPart;
using Turn = std::shared_ptr<const Rotation>;
using Gain = std::shared_ptr<const Values>;

// Gains as they stand before the attack, by the part that holds them and its layer.
using Gains = std::map<std::pair<ResidualPart, uint64_t>, Gain>;

Result<Gains> read_gains(const Model& model, const ResidualStream& stream) {
  Gains gains;
  for (const ResidualTensor& norm : stream.tensors) {
    if (norm.part != attention_norm && norm.part != ffn_norm && norm.part != final_norm) continue;
    auto values = gain_of(model, stream, norm.tensor);
    if (!values) return std::move(values).error();
    gains[{norm.part, norm.layer}] = std::make_shared<const Values>(std::move(*values));
  }
  return gains;
}

std::function<Status(Values&)> fold_and_turn(Gain gain, Turn turn) {
  return [gain = std::move(gain), turn = std::move(turn)](Values& values) -> Status {
    if (gain) scale_columns(values, *gain);
    turn->turn_rows(values);
    return {};
  };
}

std::function<Status(Values&)> set_to(float constant) {
  return [constant](Values& values) -> Status {
    values.assign(values.size(), constant);
    return {};
  };
}

std::function<Status(Values&)> rotated(const ResidualTensor& found, const Gains& gains, Turn turn,
                                       bool one_plus) {
  const auto gain = [&](ResidualPart norm, uint64_t layer) -> Gain {
    const auto at = gains.find({norm, layer});
    return at == gains.end() ? nullptr : at->second;
  };
  switch (found.part) {
    case embedding:
    case write_bias:
      return fold_and_turn(nullptr, turn);
    case head:
      return fold_and_turn(gain(final_norm, 0), turn);
    case reads_attention:
      return fold_and_turn(gain(attention_norm, found.layer), turn);
    case reads_ffn:
      return fold_and_turn(gain(ffn_norm, found.layer), turn);
    case writes:
      return [turn](Values& values) -> Status {
        turn->turn_columns(values);
        return {};
      };
    case attention_norm:
    case ffn_norm:
    case final_norm:
      return set_to(one_plus ? 0.0f : 1.0f);
    case inside:
      break;
  }
  return nullptr;
}

// A head of its own, made from the embedding as it stands before the attack.
Status untie_head(Model& model, const ResidualStream& stream) {
  if (stream.find(head)) return {};
  const size_t origin = stream.find(embedding)->tensor;
  PlannedTensor made = model.plan().at_origin(origin);
  // "embed_tokens" stands behind "model." or at the top; a head stands at the top.
  made.name = "lm_head.weight";
  made.file = static_cast<uint32_t>(model.plan().files.size() - 1);
  model.plan().tensors.push_back(std::move(made));
  return model.edit_config(
      [](JsonTree& config) { config.set("tie_word_embeddings", JsonTree::boolean(false)); });
}

}  // namespace

Status rotate(Model& model, const Arguments& arguments) {
  auto stream = ResidualStream::make(model, "rotate");
  if (!stream) return std::move(stream).error();
  auto gains = read_gains(model, *stream);
  if (!gains) return std::move(gains).error();
  Random random(arguments.seed(), "rotate");
  const Turn turn = std::make_shared<const Rotation>(Rotation::make(stream->width, random));
  const bool tied = stream->find(head) == nullptr;
  if (auto status = untie_head(model, *stream); !status) return status;
  if (tied) {
    const ResidualTensor untied{0, head, 0};
    model.plan().tensors.back().edits.push_back(rotated(untied, *gains, turn, stream->one_plus));
  }
  for (const ResidualTensor& found : stream->tensors) {
    auto change = rotated(found, *gains, turn, stream->one_plus);
    if (change) model.plan().at_origin(found.tensor).edits.push_back(std::move(change));
  }
  return {};
}

}  // namespace wmk::lab
