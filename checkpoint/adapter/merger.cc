#include "checkpoint/adapter/merger.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <tuple>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kRankMax = 4096;

std::string shown(const Tensor& tensor) { return cat("tensor '", escaped(tensor.name), "'"); }

Status check_plain(const Tensor& tensor) {
  if (tensor.encoding || has_float_value(tensor.dtype)) return {};
  return Error(ErrorCode::unsupported, cat(shown(tensor), ": is not stored as plain numbers"));
}

}  // namespace

// The files of the adapter follow those of the base.
AdapterMerger::AdapterMerger(Contents base, Contents adapter, const AdapterConfig& config)
    : base_(std::move(base)),
      adapter_(std::move(adapter)),
      config_(config),
      names_(base_.tensors),
      is_updated_(base_.tensors.size()) {
  const auto shift = static_cast<uint32_t>(base_.files.size());
  for (Tensor& tensor : adapter_.tensors) tensor.file += shift;
  std::move(adapter_.files.begin(), adapter_.files.end(), std::back_inserter(base_.files));
}

void AdapterMerger::of_gguf(const GgufLora& lora, const Config& base_config) {
  lora_ = &lora;
  base_config_ = &base_config;
}

Status AdapterMerger::sort_names() {
  for (const Tensor& tensor : adapter_.tensors) {
    auto name = lora_ ? parse_gguf_adapter_name(tensor.name) : parse_adapter_name(tensor.name);
    if (!name) return std::move(name).error();
    if (name->part == AdapterName::Part::ignored) continue;
    if (auto status = check_plain(tensor); !status) return status;
    if (name->part == AdapterName::Part::replacement) {
      replacements_.emplace_back(std::move(name->base), &tensor);
      continue;
    }
    Module& module = modules_[name->module];
    const Tensor*& place = name->part == AdapterName::Part::a   ? module.a
                           : name->part == AdapterName::Part::b ? module.b
                                                                : module.magnitudes;
    if (place != nullptr) return malformed(cat(shown(tensor), ": occurs twice"));
    place = &tensor;
    module.is_embedding |= name->is_embedding;
    module.base = std::move(name->base);
  }
  if (modules_.empty()) return malformed("the adapter does not change any matrix");
  return {};
}

// Tensors that were trained as a whole. A resized vocabulary may have more or fewer rows.
Status AdapterMerger::replace_tensors() {
  std::vector<Tensor> added;
  std::vector<bool> is_replaced(base_.tensors.size());
  for (const auto& [name, tensor] : replacements_) {
    Tensor copy = *tensor;
    const auto at = names_.find(name);
    if (!at && base_.format == "GGUF") {
      return Error(ErrorCode::unsupported,
                   cat(shown(copy), ": the base is GGUF, and nothing in it has this meaning"))
          .with_hint("name the safetensors model of the base");
    }
    if (!at) {
      copy.name = name;
      added.push_back(std::move(copy));
      continue;
    }
    Tensor& base = base_.tensors[*at];
    const bool fits = copy.shape.size() == base.shape.size() && !copy.shape.empty() &&
                      std::equal(copy.shape.begin() + 1, copy.shape.end(), base.shape.begin() + 1);
    if (!fits) return malformed(cat(shown(copy), ": has another shape than in the base"));
    if (is_replaced[*at]) return malformed(cat(shown(base), ": is replaced twice"));
    is_replaced[*at] = true;
    copy.name = base.name;
    base = std::move(copy);  // names_ stores positions, which do not change
  }
  std::move(added.begin(), added.end(), std::back_inserter(base_.tensors));
  return {};
}

// Decided by shapes, and by the config for a square matrix.
Result<bool> AdapterMerger::is_transposed(const Tensor& base, const Module& module) const {
  const auto& a = module.a->shape;
  const auto& b = module.b->shape;
  const bool is_product = a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[0] != 0 &&
                          a[0] <= kRankMax && a[1] != 0 && b[0] != 0;
  if (!is_product) return malformed("A and B are not matrices [r, in] and [out, r]");
  const bool upright = base.shape == std::vector{b[0], a[1]};
  const bool transposed = base.shape == std::vector{a[1], b[0]};
  if (!upright && !transposed) return malformed("A and B do not make a matrix of the base's shape");
  if (upright && transposed) return module.is_embedding || config_.is_stored_transposed;
  return transposed;
}

Status AdapterMerger::update(const std::string& name, const Module& module) {
  if (module.a == nullptr || module.b == nullptr) return malformed("has no A or no B");
  if ((module.magnitudes != nullptr) != config_.has_magnitudes) {
    return malformed("magnitudes (DoRA) are present or missing, contrary to adapter_config.json");
  }
  const auto at = names_.find(module.base);
  if (!at) {
    return Error(ErrorCode::invalid_argument,
                 cat("the base has no tensor '", escaped(module.base), "'"))
        .with_hint("is --base the model that the adapter was made for?");
  }
  Tensor& base = base_.tensors[*at];
  if (is_updated_[*at]) return malformed("changes the same matrix as another module");
  is_updated_[*at] = true;
  if (!base.encoding && !has_float_value(base.dtype)) {
    return Error(ErrorCode::unsupported, "the tensor of the base does not hold readable weights");
  }
  LowRankUpdate update{.a = *module.a, .b = *module.b};
  const auto &a = module.a->shape, &b = module.b->shape;
  // llama.cpp looks up rows of A, [vocabulary, r]; B is [width, r].
  update.is_a_turned = lora_ && module.is_embedding && a.size() == 2 && b.size() == 2 &&
                       a[1] == b[1] && a[1] != 0 && a[1] <= kRankMax &&
                       base.shape == std::vector{a[0], b[0]};
  if (update.is_a_turned) {
    std::swap(update.a, update.b);
  } else {
    const auto transposed = is_transposed(base, module);
    if (!transposed) return transposed.error();
    update.transposed = *transposed;
    if (auto status = restore_rows_of(module, update); !status) return status;
  }
  update.scale = config_.scale(name, update.b.shape[1]);
  if (module.magnitudes != nullptr) {
    if (module.magnitudes->elements() != module.b->shape[0]) {
      return malformed("has different numbers of magnitudes and outputs");
    }
    update.magnitudes = *module.magnitudes;
    update.magnitudes->shape = {module.b->shape[0]};
  }
  Tensor merged = base;
  merged.dtype = DType::f32;
  merged.bytes = base.elements() * sizeof(float);
  merged.encoding = std::make_shared<LowRankEncoding>(base, std::move(update));
  base = std::move(merged);
  return {};
}

Status AdapterMerger::restore_rows_of(const Module& module, LowRankUpdate& update) const {
  return lora_ ? restore_rows(*lora_, *base_config_, module.base, update.b) : Status();
}

Status AdapterMerger::update_matrices() {
  for (const auto& [name, module] : modules_) {
    auto status = update(name, module);
    if (!status) return std::move(status).error().within(cat("module '", escaped(name), "'"));
  }
  return {};
}

Contents AdapterMerger::finish() && {
  base_.notes.insert(base_.notes.end(), adapter_.notes.begin(), adapter_.notes.end());
  base_.notes.push_back(cat("adapter merged while reading: ", modules_.size(),
                            " matrices updated, ", replacements_.size(), " tensors replaced"));
  std::sort(base_.tensors.begin(), base_.tensors.end(), [](const Tensor& a, const Tensor& b) {
    return std::tie(a.file, a.offset, a.name) < std::tie(b.file, b.offset, b.name);
  });
  return std::move(base_);
}

Status AdapterMerger::merge() {
  auto status = sort_names();
  if (status) status = replace_tensors();
  if (status) status = update_matrices();
  return status;
}

}  // namespace wmk::checkpoint
