#include "tests/support/tiny_model.h"

#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "base/json.h"
#include "base/text.h"
#include "checkpoint/safetensors/safetensors.h"
#include "tests/support/architectures.h"

namespace wmk::test {

namespace {

namespace fs = std::filesystem;
using checkpoint::DType;

void write_bytes(const fs::path& path, std::string_view head,
                 const std::vector<StoredTensor>& tensors = {}) {
  std::ofstream out(path, std::ios::binary);
  out << head;
  for (const StoredTensor& tensor : tensors) out << as_text(tensor.data);
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

uint64_t extent(std::string_view symbols, const TinySizes& sizes) {
  uint64_t product = 1;
  for (size_t i = 0; i < symbols.size(); ++i) {
    switch (symbols[i]) {
      case 'd':
        product *= sizes.width;
        break;
      case 'V':
        product *= sizes.vocabulary;
        break;
      case 'I':
        product *= sizes.units;
        break;
      case 'M':
        product *= sizes.expert_units;
        break;
      case 'S':
        product *= sizes.shared_units;
        break;
      case 'E':
        product *= sizes.experts;
        break;
      default: {
        const size_t end = symbols.find_first_not_of("0123456789", i);
        product *= std::stoull(std::string(symbols.substr(i, end - i)));
        i = std::min(end, symbols.size()) - 1;
      }
    }
  }
  return product;
}

// `name` with the placeholder replaced by each number of [begin, end).
std::vector<std::string> numbered(const std::vector<std::string>& names,
                                  std::string_view placeholder, uint64_t begin, uint64_t end) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    const size_t at = name.find(placeholder);
    if (at == std::string::npos) {
      out.push_back(name);
      continue;
    }
    for (uint64_t i = begin; i < end; ++i) {
      out.push_back(cat(name.substr(0, at), i, name.substr(at + placeholder.size())));
    }
  }
  return out;
}

// Mean 0, deviation 1, the same on every machine.
float noise(std::mt19937_64& random) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) * 0x1p-53;
  return static_cast<float>(sum - 6);
}

std::vector<float> random_values(std::string_view name, size_t rank, uint64_t count,
                                 const TinySizes& sizes, bool one_plus) {
  uint64_t seed = sizes.seed;
  for (char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  std::mt19937_64 random(seed);
  const bool is_norm_weight = rank == 1 && name.ends_with(".weight");
  const float scale = rank == 1 ? 0.1f : 1 / std::sqrt(static_cast<float>(sizes.width));
  std::vector<float> values(count);
  for (float& value : values)
    value = (is_norm_weight && !one_plus ? 1.0f : 0.0f) + scale * noise(random);
  return values;
}

// Each odd row becomes the sum of the one above and half of itself.
void make_alike(std::vector<float>& values, uint64_t width) {
  for (uint64_t i = 0; i < values.size(); ++i) {
    if (i / width % 2 == 1) values[i] = values[i - width] + 0.5f * values[i];
  }
}

StoredTensor tiny_tensor(const std::string& name, std::vector<uint64_t> shape,
                         const TinySizes& sizes, bool one_plus, const Fill& fill) {
  uint64_t count = 1;
  for (uint64_t each : shape) count *= each;
  std::vector<float> values;
  if (fill) {
    for (uint64_t i = 0; i < count; ++i) values.push_back(fill(name, i));
  } else {
    values = random_values(name, shape.size(), count, sizes, one_plus);
    const bool is_embedding = shape.size() == 2 && shape[0] == sizes.vocabulary;
    if (sizes.words && is_embedding) make_alike(values, shape[1]);
  }
  return stored(name, sizes.dtype, std::move(shape), values);
}

}  // namespace

void write_safetensors(const fs::path& file, const std::vector<StoredTensor>& tensors,
                       const Metadata& metadata) {
  std::vector<checkpoint::Tensor> directory;
  for (const StoredTensor& tensor : tensors) {
    directory.push_back({.name = tensor.name,
                         .dtype = tensor.dtype,
                         .shape = tensor.shape,
                         .bytes = tensor.data.size()});
  }
  write_bytes(file, checkpoint::safetensors_header_bytes(directory, metadata), tensors);
}

void write_sharded(const fs::path& folder, const std::vector<StoredTensor>& tensors,
                   size_t shards) {
  json::Writer index;
  uint64_t total = 0;
  for (const StoredTensor& tensor : tensors) total += tensor.data.size();
  index.begin_object().key("metadata").begin_object().member("total_size", total).end_object();
  index.key("weight_map").begin_object();
  for (size_t shard = 0; shard < shards; ++shard) {
    char name[64];
    std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", shard + 1, shards);
    std::vector<StoredTensor> part(tensors.begin() + tensors.size() * shard / shards,
                                   tensors.begin() + tensors.size() * (shard + 1) / shards);
    for (const StoredTensor& tensor : part) index.member(tensor.name, std::string_view(name));
    write_safetensors(folder / name, part);
  }
  index.end_object().end_object();
  write_bytes(folder / "model.safetensors.index.json", index.finish());
}

std::vector<std::string> tiny_architectures() {
  std::vector<std::string> out;
  for (const Architecture& each : all_architectures()) out.emplace_back(each.model_type);
  return out;
}

std::vector<StoredTensor> tiny_tensors(std::string_view name, const TinySizes& sizes,
                                       const Fill& fill) {
  const Architecture& architecture = architecture_named(name);
  std::vector<StoredTensor> out;
  std::istringstream lines(architecture.tensors);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string tensor_name;
    words >> tensor_name;
    std::vector<uint64_t> shape;
    for (std::string word; words >> word;) shape.push_back(extent(word, sizes));
    std::vector<std::string> names = numbered({tensor_name}, "{l}", 0, sizes.layers);
    names = numbered(names, "{f}", 0, 1);
    names = numbered(names, "{r}", 1, sizes.layers);
    names = numbered(names, "{e}", 0, sizes.experts);
    for (const std::string& each : names) {
      out.push_back(tiny_tensor(each, shape, sizes, architecture.one_plus, fill));
    }
  }
  return out;
}

void write_tiny_model(const fs::path& folder, std::string_view architecture, const TinySizes& sizes,
                      const Fill& fill) {
  write_safetensors(folder / "model.safetensors", tiny_tensors(architecture, sizes, fill));
  write_bytes(folder / "config.json", tiny_config(architecture, sizes));
  write_bytes(folder / "tokenizer.json",
              sizes.words ? worded_tokenizer(sizes.vocabulary) : tiny_tokenizer(sizes.vocabulary));
}

std::string tiny_config(std::string_view model_type, const TinySizes& sizes) {
  json::Writer out;
  out.begin_object();
  out.member("model_type", model_type).member("hidden_size", sizes.width);
  out.member("num_hidden_layers", sizes.layers).member("vocab_size", sizes.vocabulary);
  return out.end_object().finish();
}

namespace {

std::string tokenizer_of(uint64_t vocabulary, std::string (*token)(uint64_t)) {
  json::Writer out;
  out.begin_object().member("version", "1.0").key("added_tokens").begin_array().end_array();
  out.key("model").begin_object().member("type", "WordLevel").key("vocab").begin_object();
  for (uint64_t i = 0; i < vocabulary; ++i) out.member(token(i), i);
  return out.end_object().end_object().end_object().finish();
}

}  // namespace

std::string tiny_tokenizer(uint64_t vocabulary) {
  return tokenizer_of(vocabulary, [](uint64_t i) { return cat("token", i); });
}

std::string worded_tokenizer(uint64_t vocabulary) {
  return tokenizer_of(vocabulary, [](uint64_t i) {
    std::string word = "w";
    for (uint64_t rest = i / 2 + 676; rest > 0; rest /= 26) word += char('a' + rest % 26);
    return (i % 2 == 1 ? " " : "") + word;
  });
}

StoredTensor& tensor_named(std::vector<StoredTensor>& tensors, std::string_view name) {
  for (StoredTensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::invalid_argument("no tensor '" + std::string(name) + "'");
}

}  // namespace wmk::test
