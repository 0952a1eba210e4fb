#include "checkpoint/adapter/factor_pair.h"

#include <algorithm>

#include "checkpoint/naming/name_table.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kFactorRankMax = 1 << 16;

}  // namespace

bool is_matrix_of_model(std::string_view module) {
  const CanonicalName name = canonical_name(module);
  if (name.is_bias) return false;
  return std::any_of(families().begin(), families().end(), [&](const NamingFamily& family) {
    const Rule* rule = family.find(name.pattern);
    return rule != nullptr && (is_ffn_matrix(rule->role) || rule->role == Role::attention ||
                               rule->role == Role::token_embedding || rule->role == Role::head);
  });
}

bool are_known(const Tensor& first, const Tensor& second) {
  const NameTable names = NameTable::make({first, second});
  return std::any_of(families().begin(), families().end(), [&](const NamingFamily& family) {
    const std::vector<const Rule*> rules = names.rules_of(family);
    return rules[names.entries[0].pattern] != nullptr && rules[names.entries[1].pattern] != nullptr;
  });
}

bool is_factor(const Tensor& tensor) {
  return tensor.shape.size() == 2 && tensor.elements() > 0 &&
         (tensor.encoding || has_float_value(tensor.dtype));
}

std::optional<LowRankUpdate> product_of(const Tensor& first, const Tensor& second) {
  LowRankUpdate out;
  uint64_t rank = kFactorRankMax + 1;
  const auto consider = [&](uint64_t inner, uint64_t other, const Tensor& b, const Tensor& a,
                            bool turned) {
    if (inner != other || inner >= rank) return;
    rank = inner;
    out.b = b, out.a = a, out.is_a_turned = turned;
  };
  consider(second.shape[1], first.shape[0], second, first, false);
  consider(first.shape[1], second.shape[0], first, second, false);
  if (rank > kFactorRankMax) consider(first.shape[1], second.shape[1], first, second, true);
  if (rank > kFactorRankMax) return std::nullopt;
  return out;
}

}  // namespace wmk::checkpoint
