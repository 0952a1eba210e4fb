#include "checkpoint/torch/modules.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kAttributeBytesMax = 100;
constexpr size_t kAttributeNumbersMax = 8;
constexpr size_t kModuleValuesMax = 8'000'000;

std::optional<PickledAttribute> attribute_of(const PickleValues& values, PickleRef ref) {
  if (values.is(ref, PickleKind::integer)) return values.integer(ref);
  if (values.is(ref, PickleKind::boolean)) return int64_t{values.boolean(ref)};
  if (values.is(ref, PickleKind::text)) {
    const std::string_view text = values.text(ref);
    if (text.size() <= kAttributeBytesMax) return std::string(text);
  }
  if (!values.is(ref, PickleKind::tuple)) return std::nullopt;
  const auto items = values.items(ref);
  std::vector<int64_t> numbers;
  for (const PickleRef item : items) {
    if (numbers.size() == kAttributeNumbersMax || !values.is(item, PickleKind::integer)) {
      return std::nullopt;
    }
    numbers.push_back(values.integer(item));
  }
  return numbers;
}

bool is_key(const PickleValues& values, PickleRef ref, std::string_view text) {
  return values.is(ref, PickleKind::text) && values.text(ref) == text;
}

// A module of HQQ: a dictionary with a tensor "W_q".
bool is_hqq_module(const PickleValues& values, PickleRef ref) {
  if (!values.is(ref, PickleKind::dict)) return false;
  const auto items = values.items(ref);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (is_key(values, items[i], "W_q")) return values.is(items[i + 1], PickleKind::tensor);
  }
  return false;
}

// The tensors and attributes of one module, and of the dictionaries in it.
Status collect_module(const PickleValues& values, const std::string& prefix, PickleRef module,
                      unsigned depth, StateDict& out) {
  const auto items = values.items(module);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (!values.is(items[i], PickleKind::text)) continue;
    const std::string name = cat(prefix, ".", values.text(items[i]));
    const PickleRef value = items[i + 1];
    if (values.is(value, PickleKind::tensor)) {
      if (auto status = check_name(name); !status) return status;
      out.tensors.emplace_back(name, &values.tensor(value));
    } else if (values.is(value, PickleKind::dict)) {
      if (depth == 0) continue;
      if (auto status = collect_module(values, name, value, depth - 1, out); !status) return status;
    } else if (auto attribute = attribute_of(values, value)) {
      out.attributes.emplace_back(name, *std::move(attribute));
    }
    if (out.tensors.size() + out.attributes.size() > kModuleValuesMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kModuleValuesMax, " values"));
    }
  }
  return {};
}

}  // namespace

bool holds_modules(const PickleValues& values, PickleRef ref) {
  if (!values.is(ref, PickleKind::dict)) return false;
  const auto items = values.items(ref);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (values.is(items[i], PickleKind::text) && is_hqq_module(values, items[i + 1])) return true;
  }
  return false;
}

Result<StateDict> collect_modules(const PickleValues& values, PickleRef dict) {
  StateDict out;
  const auto items = values.items(dict);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (!values.is(items[i], PickleKind::text) || !values.is(items[i + 1], PickleKind::dict)) {
      continue;
    }
    auto status = collect_module(values, std::string(values.text(items[i])), items[i + 1], 1, out);
    if (!status) return std::move(status).error();
  }
  if (auto status = check_distinct(out); !status) return std::move(status).error();
  out.notes.push_back("the tensors are read from a dictionary of modules (HQQ)");
  return out;
}

Status check_name(std::string_view name) {
  if (name.empty()) return malformed("a tensor has an empty name");
  for (const unsigned char c : name) {
    if (c >= 0x20 && c != 0x7F) continue;
    return malformed(cat("tensor '", escaped(name.substr(0, 200)), "': has a control character"));
  }
  return {};
}

Status check_distinct(const StateDict& dict) {
  std::vector<std::string_view> names;
  for (const auto& [name, tensor] : dict.tensors) names.push_back(name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return malformed(cat("tensor '", escaped(twice->substr(0, 200)), "': occurs twice"));
}

}  // namespace wmk::checkpoint
