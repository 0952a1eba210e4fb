// rotate: a random rotation of the residual stream. Norm weights do not commute with it, so they
// are first folded into the matrices that read the output of the norm. A tied head is untied,
// because the weights of the final norm are folded into the head only.
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
using SharedRotation = std::shared_ptr<const Rotation>;
using SharedFactors = std::shared_ptr<const Values>;

// The factors of each norm before the attack, by the kind of norm and its layer.
using NormFactors = std::map<std::pair<ResidualPart, uint64_t>, SharedFactors>;

Result<NormFactors> read_norms(const Model& model, const ResidualStream& stream) {
  NormFactors norms;
  for (const ResidualTensor& norm : stream.tensors) {
    if (norm.part != attention_norm && norm.part != ffn_norm && norm.part != final_norm) continue;
    auto values = norm_factors(model, stream, norm.tensor);
    if (!values) return std::move(values).error();
    norms[{norm.part, norm.layer}] = std::make_shared<const Values>(std::move(*values));
  }
  return norms;
}

std::function<Status(Values&)> fold_and_rotate(SharedFactors factors, SharedRotation rotation) {
  return [factors = std::move(factors), rotation = std::move(rotation)](Values& values) -> Status {
    if (factors) scale_columns(values, *factors);
    rotation->rotate_rows(values);
    return {};
  };
}

std::function<Status(Values&)> set_to(float constant) {
  return [constant](Values& values) -> Status {
    values.assign(values.size(), constant);
    return {};
  };
}

std::function<Status(Values&)> rotated(const ResidualTensor& found, const NormFactors& norms,
                                       SharedRotation rotation, bool one_plus) {
  const auto factors = [&](ResidualPart norm, uint64_t layer) -> SharedFactors {
    const auto at = norms.find({norm, layer});
    return at == norms.end() ? nullptr : at->second;
  };
  switch (found.part) {
    case embedding:
    case write_bias:
      return fold_and_rotate(nullptr, rotation);
    case head:
      return fold_and_rotate(factors(final_norm, 0), rotation);
    case reads_attention:
      return fold_and_rotate(factors(attention_norm, found.layer), rotation);
    case reads_ffn:
      return fold_and_rotate(factors(ffn_norm, found.layer), rotation);
    case writes:
      return [rotation](Values& values) -> Status {
        rotation->rotate_columns(values);
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

// Adds a head that is made from the embedding as it is before the attack.
Status untie_head(Model& model, const ResidualStream& stream) {
  if (stream.find(head)) return {};
  const size_t origin = stream.find(embedding)->tensor;
  PlannedTensor made = model.plan().at_origin(origin);
  // Heads have no "model." prefix, even if the embedding has one.
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
  auto norms = read_norms(model, *stream);
  if (!norms) return std::move(norms).error();
  Random random(arguments.seed(), "rotate");
  const SharedRotation rotation =
      std::make_shared<const Rotation>(Rotation::make(stream->width, random));
  const bool tied = stream->find(head) == nullptr;
  if (auto status = untie_head(model, *stream); !status) return status;
  if (tied) {
    const ResidualTensor untied{0, head, 0};
    model.plan().tensors.back().edits.push_back(
        rotated(untied, *norms, rotation, stream->one_plus));
  }
  for (const ResidualTensor& found : stream->tensors) {
    auto change = rotated(found, *norms, rotation, stream->one_plus);
    if (change) model.plan().at_origin(found.tensor).edits.push_back(std::move(change));
  }
  return {};
}

}  // namespace wmk::lab
