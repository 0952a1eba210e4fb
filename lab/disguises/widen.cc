// widen: further dimensions of the residual stream, to which nothing writes. RMS norms then divide
// by less, and their weights make up for it. What reads the new dimensions may hold anything.
#include <cmath>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/residual.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using enum ResidualPart;

struct Wider {
  uint64_t width = 0, more = 0;
  float junk = 0;  // in units of the root mean square of the matrix

  uint64_t total() const { return width + more; }
};

float root_mean_square(const Values& values) {
  double squares = 0;
  for (const float value : values) squares += double(value) * value;
  return static_cast<float>(
      std::sqrt(squares / static_cast<double>(std::max<size_t>(values.size(), 1))));
}

void widen_rows(Values& values, const Wider& wider, float junk, Random random) {
  const float scale = junk == 0 ? 0 : junk * root_mean_square(values);
  Values out;
  out.reserve(values.size() / wider.width * wider.total());
  for (size_t begin = 0; begin < values.size(); begin += wider.width) {
    const auto row = values.begin() + static_cast<ptrdiff_t>(begin);
    out.insert(out.end(), row, row + static_cast<ptrdiff_t>(wider.width));
    for (uint64_t i = 0; i < wider.more; ++i) {
      out.push_back(scale == 0 ? 0 : scale * random.gaussian());
    }
  }
  values = std::move(out);
}

// Norms divide by the root of a mean over more dimensions.
void widen_norm(Values& values, const Wider& wider, bool one_plus) {
  const float offset = one_plus ? 1 : 0;
  const auto factor =
      std::sqrt(static_cast<float>(wider.width) / static_cast<float>(wider.total()));
  for (float& value : values) value = (value + offset) * factor - offset;
  values.resize(wider.total(), 1 - offset);
}

void plan_tensor(Model& model, const ResidualTensor& found, const Wider& wider, bool one_plus,
                 uint64_t seed) {
  PlannedTensor& tensor = model.plan().at_origin(found.tensor);
  const bool is_norm =
      found.part == attention_norm || found.part == ffn_norm || found.part == final_norm;
  const bool reads = found.part == reads_attention || found.part == reads_ffn || found.part == head;
  if (found.part == inside) return;
  tensor.shape[found.part == writes ? 0 : tensor.shape.size() - 1] = wider.total();
  const Random random(seed, cat("widen/", tensor.name));
  tensor.edits.push_back([=](Values& values) -> Status {
    if (is_norm) {
      widen_norm(values, wider, one_plus);
    } else if (found.part == writes) {
      values.resize(values.size() / wider.width * wider.total(), 0);
    } else {
      widen_rows(values, wider, reads ? wider.junk : 0, random);
    }
    return {};
  });
}

double number_of(const JsonTree& config, const char* key, double otherwise) {
  const JsonTree* value = config.find(key);
  return value && value->kind() == json::Kind::number ? std::strtod(value->text().c_str(), nullptr)
                                                      : otherwise;
}

void widen_config(JsonTree& config, const Wider& wider) {
  if (!config.find("hidden_size")) return;
  const double heads = number_of(config, "num_attention_heads", 0);
  if (!config.find("head_dim") && heads > 0) {
    config.set("head_dim", JsonTree::number(wider.width / static_cast<uint64_t>(heads)));
  }
  config.set("hidden_size", JsonTree::number(wider.total()));
  const double share = static_cast<double>(wider.width) / static_cast<double>(wider.total());
  const double epsilon = number_of(config, "rms_norm_eps", 1e-6) * share;
  if (auto value = JsonTree::parse(to_text(epsilon))) config.set("rms_norm_eps", std::move(*value));
}

}  // namespace

Status widen(Model& model, const Arguments& arguments) {
  auto stream = ResidualStream::make(model, "widen");
  if (!stream) return std::move(stream).error();
  const Wider wider{stream->width, arguments.whole("dimensions"),
                    static_cast<float>(arguments.number("junk"))};
  for (const ResidualTensor& found : stream->tensors) {
    plan_tensor(model, found, wider, stream->one_plus, arguments.seed());
  }
  return model.edit_config([&](JsonTree& config) { widen_config(config, wider); });
}

}  // namespace wmk::lab
