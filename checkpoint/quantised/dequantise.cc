#include "checkpoint/quantised/dequantise.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

namespace {

struct Format {
  std::string_view sign;  // ending of one tensor in each group of this format
  Maker make;
};

// Tensors of a group made by an earlier line are not available to later lines.
constexpr std::array kFormats = {
    Format{".weight_scales", make_eetq},
    Format{".qweight", make_gptq_or_awq},
    Format{".weight_packed", make_compressed_packed},
    Format{".weight.absmax", make_bitsandbytes_4bit},
    Format{".SCB", make_bitsandbytes_int8},
    Format{".weight_scale_2", make_modelopt},
    Format{".weight_scale", make_modelopt},
    Format{".weight_scale_inv", make_block_scaled},
    Format{"_scale_inv", make_block_scaled},
    Format{".weight_scale", make_scaled},
    Format{".weight_scales", make_scaled},
    Format{".bitmask", make_sparse},
    Format{"_blocks", make_mxfp4_experts},
    Format{".W_q", make_hqq},
    Format{"_qdata", make_torchao},
    Format{".weight._data._data", make_quanto_bits},
    Format{".weight._data", make_quanto_bytes},
    Format{".scales", make_mlx},
};

class Dequantiser {
 public:
  explicit Dequantiser(Contents& contents) : contents_(contents) {
    const auto& tensors = contents.tensors;
    for (size_t i = 0; i < tensors.size(); ++i) names_.emplace(tensors[i].name, i);
    fate_.resize(tensors.size());
    logical_.resize(tensors.size());
  }

  bool has_signs() const {
    return std::any_of(contents_.tensors.begin(), contents_.tensors.end(), [](const Tensor& t) {
      return std::any_of(kFormats.begin(), kFormats.end(),
                         [&](const Format& format) { return t.name.ends_with(format.sign); });
    });
  }

  void run(const QuantisationConfig& config) {
    for (const Format& format : kFormats) {
      for (size_t i = 0; i < contents_.tensors.size(); ++i) {
        const std::string& name = contents_.tensors[i].name;
        if (fate_[i] != TensorFate::kept || !name.ends_with(format.sign)) continue;
        try_format(format, config, name.substr(0, name.size() - format.sign.size()));
      }
    }
    if (by_format_.empty()) return;
    replace();
    std::string formats;
    for (const auto& [what, count] : by_format_) {
      formats += cat(formats.empty() ? "" : "; ", what, " (", count,
                     count == 1 ? " tensor)" : " tensors)");
    }
    contents_.quantisation = std::move(formats);
  }

 private:
  // Of a stored tensor: kept, replaced by the logical tensor of its group, or dropped.
  enum class TensorFate : uint8_t { kept, replaced, dropped };

  void try_format(const Format& format, const QuantisationConfig& config, std::string prefix) {
    QuantisedGroup group(contents_.tensors, names_, contents_.files, config, contents_.attributes,
                         std::move(prefix));
    auto made = format.make(group);
    if (made && !*made) return;
    if (made) {
      if (auto status = accept(group, **std::move(made)); status)
        return;
      else
        made = std::move(status).error();
    }
    // torchao's prefix is "layer._weight".
    std::string module = group.prefix();
    if (module.ends_with("._weight")) module.resize(module.size() - 8);
    contents_.refusals.emplace_back(std::move(module), std::move(made).error());
  }

  Status accept(const QuantisedGroup& group, LogicalTensor made) {
    uint64_t stored = 0;
    for (const size_t part : group.parts()) {
      if (fate_[part] != TensorFate::kept)
        return group.malformed("shares tensors with another one");
      if (contents_.tensors[part].encoding) {
        return group.unsupported("tensor '", escaped(contents_.tensors[part].name),
                                 "' is not stored as plain numbers");
      }
      stored += contents_.tensors[part].bytes;
    }
    const auto taken = names_.find(made.name);
    const auto& parts = group.parts();
    if (taken != names_.end() &&
        std::find(parts.begin(), parts.end(), taken->second) == parts.end()) {
      const Error error =
          group.malformed("occurs twice, quantised and as '", escaped(made.name), "'");
      return Error(ErrorCode::duplicate_key, error.message());
    }
    uint64_t bytes = sizeof(float);
    for (const uint64_t extent : made.shape) {
      const auto product = checked_product(bytes, extent);
      if (!product) return group.malformed("its size does not fit 64 bits");
      bytes = *product;
    }
    Tensor& tensor = logical_[parts.front()];
    const Tensor& first = contents_.tensors[parts.front()];
    tensor = {.name = made.name, .shape = made.shape, .file = first.file, .offset = first.offset};
    tensor.bytes = bytes;
    ++by_format_[made.format];
    tensor.encoding = encoding_of(std::move(made.format), std::move(made.values), stored);
    for (const size_t part : parts) fate_[part] = TensorFate::dropped;
    fate_[parts.front()] = TensorFate::replaced;
    return {};
  }

  void replace() {
    std::vector<Tensor> shown;
    for (size_t i = 0; i < fate_.size(); ++i) {
      if (fate_[i] == TensorFate::kept) shown.push_back(contents_.tensors[i]);
      if (fate_[i] == TensorFate::replaced) shown.push_back(std::move(logical_[i]));
    }
    contents_.stored = std::move(contents_.tensors);
    contents_.tensors = std::move(shown);
  }

  Contents& contents_;
  QuantisedGroup::Names names_;   // views into contents_.tensors
  std::vector<TensorFate> fate_;  // by tensor
  std::vector<Tensor> logical_;   // by the first tensor of its group
  std::map<std::string, size_t> by_format_;
};

}  // namespace

Status dequantise(Contents& contents, const std::filesystem::path& folder,
                  const NumbersReading& numbers) {
  Dequantiser dequantiser(contents);
  if (!dequantiser.has_signs()) return {};
  auto config = read_quantisation_config(folder);
  if (!config) return std::move(config).error();
  if (numbers.without_config) {
    QuantisationConfig none;
    none.hidden_size = config->hidden_size;
    *config = std::move(none);
  }
  config->zero_points = numbers.zero_points;
  dequantiser.run(*config);
  return {};
}

}  // namespace wmk::checkpoint
