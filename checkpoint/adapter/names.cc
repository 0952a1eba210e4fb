#include "checkpoint/adapter/names.h"

#include <array>

#include "base/text.h"
#include "checkpoint/naming/naming.h"

namespace wmk::checkpoint {
namespace {

using AdapterPart = AdapterName::Part;

constexpr std::string_view kPrefix = "base_model.model.";

struct Ending {
  std::string_view text;
  AdapterPart part;
  bool is_embedding;
};

constexpr std::array kEndings = {
    Ending{".lora_A.weight", AdapterPart::a, false},
    Ending{".lora_B.weight", AdapterPart::b, false},
    Ending{".lora_embedding_A", AdapterPart::a, true},
    Ending{".lora_embedding_B", AdapterPart::b, true},
    Ending{".lora_magnitude_vector", AdapterPart::magnitudes, false},
    Ending{".lora_magnitude_vector.weight", AdapterPart::magnitudes, false},
};

// "x.modules_to_save.weight" -> "x.weight"
std::string without(std::string_view name, std::string_view segment) {
  const size_t at = name.find(segment);
  std::string out(name);
  if (at != std::string_view::npos) out.erase(at, segment.size() - 1);
  return out;
}

}  // namespace

Result<AdapterName> parse_adapter_name(std::string_view tensor_name) {
  const auto refused = [&](std::string_view why) {
    return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor_name), "': ", why))
        .with_hint("merge the adapter with peft (merge_and_unload) and name the result");
  };
  std::string_view name = tensor_name;
  if (!name.starts_with(kPrefix)) return refused("is not named like an adapter tensor of PEFT");
  name.remove_prefix(kPrefix.size());
  for (const Ending& ending : kEndings) {
    if (!name.ends_with(ending.text)) continue;
    const std::string module(name.substr(0, name.size() - ending.text.size()));
    return AdapterName{ending.part, module + ".weight", module, ending.is_embedding};
  }
  if (name.find("lora_") != std::string_view::npos ||
      name.find("_adapter") != std::string_view::npos) {
    return refused("is a kind of adapter tensor that is not supported");
  }
  if (name.find(".original_module.") != std::string_view::npos)
    return AdapterName{AdapterPart::ignored, {}, {}};
  const std::string saved = without(name, ".modules_to_save.");
  return AdapterName{AdapterPart::replacement, without(saved, ".base_layer."), {}};
}

BaseNames::BaseNames(const std::vector<Tensor>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    exact_.emplace(tensors[i].name, i);
    const auto [at, is_new] = bare_.emplace(key_of(tensors[i].name), i);
    if (!is_new) at->second = std::nullopt;
  }
}

std::optional<size_t> BaseNames::find(std::string_view name) const {
  if (const auto found = exact_.find(std::string(name)); found != exact_.end())
    return found->second;
  const auto found = bare_.find(key_of(name));
  return found == bare_.end() ? std::nullopt : found->second;
}

std::string BaseNames::key_of(std::string_view name) {
  const CanonicalName canonical = canonical_name(name);
  std::string key = cat(canonical.pattern, canonical.is_bias ? " bias" : "");
  for (const uint64_t number : canonical.numbers) key += cat(" ", number);
  return key;
}

}  // namespace wmk::checkpoint
