#include "checkpoint/adapter/factors.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/adapter/config.h"
#include "checkpoint/adapter/factor_pair.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

class Joiner {
 public:
  explicit Joiner(Contents& contents) : contents_(contents) {
    for (size_t i = 0; i < contents.tensors.size(); ++i) {
      places_.emplace(contents.tensors[i].name, i);
    }
  }

  // "module.A.weight" or "module.A" begins a pair.
  bool has_pairs() const {
    return std::any_of(contents_.tensors.begin(), contents_.tensors.end(),
                       [&](const Tensor& tensor) {
                         return std::any_of(kFactorNames.begin(), kFactorNames.end(),
                                            [&](const FactorNames& pair) {
                                              return stem_of(tensor.name, pair.first).has_value();
                                            });
                       });
  }

  void run(const std::optional<AdapterConfig>& config) {
    for (const FactorNames& pair : kFactorNames) {
      for (size_t i = 0; i < contents_.tensors.size(); ++i) {
        const auto stem = stem_of(contents_.tensors[i].name, pair.first);
        if (stem && !used_.contains(i)) join(pair, *stem, i, config);
      }
    }
    if (!joined_.empty()) replace();
    note();
  }

 private:
  static std::optional<std::string> stem_of(std::string_view name, std::string_view ending) {
    if (name.ends_with(".weight")) name.remove_suffix(7);
    if (!name.ends_with(ending) || name.size() == ending.size()) return std::nullopt;
    return std::string(name.substr(0, name.size() - ending.size()));
  }

  std::optional<size_t> find(const std::string& name) const {
    const auto found = places_.find(name);
    if (found == places_.end() || used_.contains(found->second)) return std::nullopt;
    return found->second;
  }
  std::optional<size_t> find_factor(const std::string& name) const {
    const auto place = find(name + ".weight");
    return place ? place : find(name);
  }

  void join(const FactorNames& pair, const std::string& stem, size_t first,
            const std::optional<AdapterConfig>& config) {
    const std::string module = cat(stem, pair.module);
    const auto second = find_factor(cat(stem, pair.second));
    if (!second || !is_matrix_of_model(module)) return;
    const auto& tensors = contents_.tensors;
    if (are_known(tensors[first], tensors[*second])) return;
    const bool is_lora = pair.first.starts_with(".lora_A");
    std::optional<size_t> base;
    for (const std::string_view ending : kBaseEndings) {
      if (!base) base = find(cat(module, ending));
    }
    if (base && !is_lora) return;  // the matrix itself is stored as well
    auto update = is_factor(tensors[first]) && is_factor(tensors[*second])
                      ? product_of(tensors[first], tensors[*second])
                      : std::nullopt;
    std::vector<uint64_t> shape;
    if (update && checked_product(update->b.shape[0], update->a.shape[0] * 8)) {
      shape = {update->b.shape[0], update->a.shape[update->is_a_turned ? 0 : 1]};
    }
    if (!update || (base && (!is_factor(tensors[*base]) || tensors[*base].shape != shape))) {
      faulty_.push_back(module);
      return;
    }
    std::vector<size_t> parts = {first, *second};
    const uint64_t rank = update->b.shape[1];
    for (const std::string_view ending : kDiagonalEndings) {
      const auto diagonal = find(cat(stem, ending));
      if (is_lora || !diagonal || tensors[*diagonal].shape != std::vector{rank} ||
          !has_float_value(tensors[*diagonal].dtype)) {
        continue;
      }
      update->diagonal = tensors[*diagonal];
      parts.push_back(*diagonal);
      break;
    }
    if (is_lora && config) update->scale = config->scale(module, rank);
    unscaled_ += is_lora && !config;
    if (base) parts.push_back(*base);
    add(module, shape, std::move(*update), base, parts);
  }

  void add(const std::string& module, const std::vector<uint64_t>& shape, LowRankUpdate update,
           std::optional<size_t> base, const std::vector<size_t>& parts) {
    const Tensor& place = contents_.tensors[parts.front()];
    Tensor product{
        .name = module + ".weight", .shape = shape, .file = place.file, .offset = place.offset};
    product.bytes = product.elements() * sizeof(float);
    std::optional<Tensor> added;
    if (base) added = contents_.tensors[*base];
    product.encoding = std::make_shared<LowRankEncoding>(std::move(added), std::move(update));
    joined_.emplace(parts.front(), std::move(product));
    used_.insert(parts.begin(), parts.end());
  }

  void replace() {
    std::vector<Tensor> shown;
    for (size_t i = 0; i < contents_.tensors.size(); ++i) {
      const auto product = joined_.find(i);
      if (product != joined_.end()) {
        shown.push_back(std::move(product->second));
      } else if (!used_.contains(i)) {
        shown.push_back(contents_.tensors[i]);
      }
    }
    if (contents_.stored.empty()) contents_.stored = contents_.tensors;
    contents_.tensors = std::move(shown);
  }

  void note() {
    const auto counted = [](size_t count) {
      return cat(count, count == 1 ? " matrix" : " matrices");
    };
    if (!joined_.empty()) {
      contents_.notes.push_back(
          cat(counted(joined_.size()), " stored as products of two are read as these products"));
    }
    if (unscaled_ > 0) {
      contents_.notes.push_back(cat("the scale of lora_A and lora_B is not stored: read as 1 (",
                                    counted(unscaled_), ")"));
    }
    if (!faulty_.empty()) {
      contents_.notes.push_back(
          cat("'", escaped(faulty_[0]), "'",
              faulty_.size() > 1 ? cat(" and ", faulty_.size() - 1, " more") : "",
              ": two factors are stored, but they do not make a matrix"));
    }
  }

  Contents& contents_;
  std::unordered_map<std::string, size_t> places_;
  std::set<size_t> used_;
  std::map<size_t, Tensor> joined_;  // by the first factor
  size_t unscaled_ = 0;
  std::vector<std::string> faulty_;
};

}  // namespace

Status join_factors(Contents& contents, const std::filesystem::path& folder) {
  Joiner joiner(contents);
  if (!joiner.has_pairs()) return {};
  std::optional<AdapterConfig> config;
  std::error_code ignored;
  if (std::filesystem::exists(folder / kAdapterConfigName, ignored)) {
    auto read = read_adapter_config(folder);
    if (!read) return std::move(read).error();
    config = *std::move(read);
  }
  joiner.run(config);
  return {};
}

}  // namespace wmk::checkpoint
