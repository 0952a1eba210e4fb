// Which checkpoints can be marked: those whose FFN and heads have plain floating-point weights.
#include "base/text.h"
#include "embed/mark/embedder.h"

namespace wmk::embed {

namespace {

// All vectors of a unit must be rounded alike, because they are marked with one strength.
Status same_type(const checkpoint::Checkpoint& checkpoint, const checkpoint::UnitGroup& group) {
  const checkpoint::Tensor& up = checkpoint.tensors()[group.up.tensor];
  for (const auto& view : {group.gate.value_or(group.up), group.down}) {
    const checkpoint::Tensor& other = checkpoint.tensors()[view.tensor];
    if (other.dtype == up.dtype) continue;
    return Error(ErrorCode::unsupported,
                 cat("tensors '", escaped(up.name), "' and '", escaped(other.name),
                     "' hold the same neurons but have different types, ", to_string(up.dtype),
                     " and ", to_string(other.dtype)))
        .with_hint("convert the checkpoint to one type, for example bf16, and mark that");
  }
  return {};
}

}  // namespace

Status check_markable(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                      const Sites& sites) {
  if (auto status = checkpoint::check_markable(checkpoint); !status) return status;
  const auto check = [&](const checkpoint::View& view) -> Status {
    const checkpoint::Tensor& tensor = checkpoint.tensors()[view.tensor];
    if (!tensor.encoding && checkpoint::is_weight_type(tensor.dtype)) return {};
    if (!tensor.encoding) {
      return Error(ErrorCode::unsupported,
                   cat("tensor '", escaped(tensor.name), "': ", to_string(tensor.dtype),
                       " weights can be read but not marked"))
          .with_hint("convert the checkpoint to f32 or bf16 and mark that");
    }
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': ", tensor.encoding->name(),
                     " weights can be read but not marked"))
        .with_hint("mark the checkpoint before quantising it");
  };
  for (const auto& group : anatomy.groups) {
    Status status = group.gate ? check(*group.gate) : Status();
    if (status) status = check(group.up);
    if (status) status = check(group.down);
    if (status) status = same_type(checkpoint, group);
    if (!status) return status;
  }
  if (!sites[Site::heads]) return {};
  for (const checkpoint::HeadLayer& layer : anatomy.heads.layers) {
    for (const checkpoint::View& view : {layer.v, layer.o}) {
      if (Status status = check(view); !status) return status;
    }
  }
  return {};
}

}  // namespace wmk::embed
