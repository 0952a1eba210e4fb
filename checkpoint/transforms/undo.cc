#include "checkpoint/transforms/undo.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "checkpoint/text/module_pattern.h"
#include "checkpoint/transforms/rotated_numbers.h"
#include "checkpoint/transforms/transform_config.h"

namespace wmk::checkpoint {
namespace {

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kRandomMatrix = "random-matrix";
constexpr uint64_t kRotatedBytesMax = 8ull << 30;
constexpr size_t kNotesMax = 8;

class RotatedEncoding : public Encoding {
 public:
  RotatedEncoding(std::string name, Numbers values, uint64_t stored_bytes)
      : name_(std::move(name)), values_(std::move(values)), stored_bytes_(stored_bytes) {}
  std::string_view name() const override { return name_; }
  uint64_t stored_bytes() const override { return stored_bytes_; }
  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override {
    return out.empty() ? Status() : values_->read(files, part, out);
  }

 private:
  std::string name_;
  Numbers values_;
  uint64_t stored_bytes_;
};

class EncodedNumbers : public NumberMatrix {
 public:
  explicit EncodedNumbers(const Tensor& tensor)
      : NumberMatrix(tensor.shape[0], tensor.shape[1]), encoding_(tensor.encoding) {}
  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    return encoding_->decode(files, part, out);
  }

 private:
  std::shared_ptr<const Encoding> encoding_;
};

bool is_module_of(const TransformUse& use, std::string_view module) {
  return matches_any(use.targets, module) && !matches_any(use.ignored, module);
}

class Undoer {
 public:
  Undoer(Contents& contents, std::vector<TransformScheme> schemes)
      : contents_(contents), schemes_(std::move(schemes)) {
    for (const TransformScheme& scheme : schemes_) find_matrices(scheme);
  }

  void run() {
    std::vector<Tensor> shown;
    size_t count = 0;
    for (const Tensor& tensor : contents_.tensors) {
      if (hidden_.contains(tensor.name)) continue;
      shown.push_back(tensor);
      count += undo(shown.back());
    }
    for (const auto& [what, modules] : faults_) {
      if (contents_.notes.size() < kNotesMax) {
        contents_.notes.push_back(cat("transform_config: ", what, ": ", modules,
                                      modules == 1 ? " module stays" : " modules stay",
                                      " rotated"));
      }
    }
    if (count == 0) return;
    if (contents_.stored.empty()) contents_.stored = contents_.tensors;
    contents_.tensors = std::move(shown);
    std::string& words = contents_.quantisation;
    words += cat(words.empty() ? "" : "; ", "rotations undone (", count,
                 count == 1 ? " tensor)" : " tensors)");
  }

 private:
  // Scheme, size, and whether it is an inverse, which random matrices are stored as.
  using Key = std::tuple<std::string, uint64_t, bool>;

  bool key_inverse(const TransformScheme& scheme, bool inverse) const {
    return scheme.type == kRandomMatrix && inverse;
  }

  // The matrices in the file: "MODULE.SCHEME_input.weight" of the first module of each size.
  void find_matrices(const TransformScheme& scheme) {
    for (const Tensor& tensor : contents_.tensors) {
      for (const char* location : {"_input", "_output", "_q_attn", "_k_cache"}) {
        const std::string part = cat(".", scheme.name, location);
        const std::string suffix = cat(part, kWeight), permutation = cat(part, ".perm");
        if (tensor.name.ends_with(permutation)) hidden_.insert(tensor.name);
        if (!tensor.name.ends_with(suffix)) continue;
        hidden_.insert(tensor.name);
        const std::string module = tensor.name.substr(0, tensor.name.size() - suffix.size());
        add_matrix(scheme, tensor, module, part == cat(".", scheme.name, "_input"));
      }
    }
  }

  void add_matrix(const TransformScheme& scheme, const Tensor& tensor, const std::string& module,
                  bool on_input) {
    if (tensor.shape.size() != 2 || tensor.shape[0] != tensor.shape[1] || tensor.encoding ||
        !has_number_value(tensor.dtype) || tensor.shape[0] == 0 ||
        tensor.shape[0] > kTransformSizeMax) {
      return;
    }
    bool inverse = false;
    for (const TransformUse& use : scheme.uses) {
      if (use.on_input == on_input && is_module_of(use, module)) inverse = use.inverse;
    }
    const uint64_t size = tensor.shape[0];
    const auto matrix = make(scheme, tensor, size);
    by_name_.emplace(tensor.name, matrix);
    by_key_.emplace(Key{scheme.name, size, key_inverse(scheme, inverse)}, matrix);
  }

  std::shared_ptr<const TransformMatrix> make(const TransformScheme& scheme,
                                              std::optional<Tensor> stored, uint64_t size) const {
    TransformMatrixSource source{std::move(stored), std::nullopt, size,
                                 scheme.type != kRandomMatrix};
    if (scheme.randomised) source.permutation = permutation_of(scheme, size);
    return std::make_shared<const TransformMatrix>(std::move(source));
  }

  std::optional<Tensor> permutation_of(const TransformScheme& scheme, uint64_t size) const {
    const std::string sign = cat(".", scheme.name, "_");
    for (const Tensor& tensor : contents_.tensors) {
      if (tensor.name.ends_with(".perm") && tensor.name.find(sign) != std::string::npos &&
          tensor.dtype == DType::i64 && tensor.shape == std::vector{size}) {
        return tensor;
      }
    }
    return std::nullopt;
  }

  // Null: there is none.
  std::shared_ptr<const TransformMatrix> matrix_of(const TransformScheme& scheme,
                                                   const TransformUse& use,
                                                   const std::string& module, uint64_t size) {
    const std::string name =
        cat(module, ".", scheme.name, use.on_input ? "_input" : "_output", kWeight);
    const auto own = by_name_.find(name);
    if (own != by_name_.end() && own->second->size() == size) return own->second;
    const Key key{scheme.name, size, key_inverse(scheme, use.inverse)};
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) return known->second;
    if (scheme.type != "hadamard" || !std::has_single_bit(size) || size > kTransformSizeMax) {
      return nullptr;
    }
    return by_key_.emplace(key, make(scheme, std::nullopt, size)).first->second;
  }

  Turns turns_of(const Tensor& tensor, const std::string& module) {
    Turns turns;
    const bool is_embedding = is_embedding_name(module);
    for (const TransformScheme& scheme : schemes_) {
      for (const TransformUse& use : scheme.uses) {
        if (!is_module_of(use, module)) continue;
        // An embedding gives rows, a linear layer has a row for each output.
        const bool rows = use.on_input || is_embedding;
        const uint64_t extent = tensor.shape[rows ? 1 : 0];
        const uint64_t size = scheme.head_size.value_or(extent);
        const auto matrix =
            size == 0 || extent % size != 0 || (use.on_input && is_embedding)
                ? nullptr
                : matrix_of(scheme, use, module, size);
        if (!matrix) {
          ++faults_[cat("the matrix '", escaped(scheme.name), "' of size ", size,
                        " is not in the file")];
          return {};
        }
        // Inputs x V: W = W' V^T. Outputs y U: W = U^T W'. Inverses are transposed, but for those
        // that are stored as they are.
        const bool transposed = use.inverse && scheme.type != kRandomMatrix;
        (rows ? turns.right : turns.left).push_back({matrix, transposed != !use.on_input});
      }
    }
    return turns;
  }

  bool undo(Tensor& tensor) {
    if (!tensor.name.ends_with(kWeight) || tensor.shape.size() != 2 || tensor.elements() == 0 ||
        (!tensor.encoding && !has_number_value(tensor.dtype)) ||
        tensor.elements() > kRotatedBytesMax / sizeof(float)) {
      return false;
    }
    const std::string module = tensor.name.substr(0, tensor.name.size() - kWeight.size());
    Turns turns = turns_of(tensor, module);
    if (turns.empty()) return false;
    const uint64_t stored = tensor.stored_bytes();
    Numbers numbers = tensor.encoding
                          ? Numbers(std::make_shared<EncodedNumbers>(tensor))
                          : plain_numbers(tensor, tensor.shape[0], tensor.shape[1]);
    std::string name = cat(tensor.encoding ? tensor.encoding->name() : to_string(tensor.dtype),
                           ", rotated");
    tensor.encoding = std::make_shared<RotatedEncoding>(
        std::move(name), rotated(std::move(numbers), std::move(turns), kept_), stored);
    tensor.dtype = DType::f32;
    tensor.bytes = tensor.elements() * sizeof(float);
    return true;
  }

  Contents& contents_;
  std::vector<TransformScheme> schemes_;
  std::set<std::string> hidden_;
  std::map<std::string, std::shared_ptr<const TransformMatrix>> by_name_;
  std::map<Key, std::shared_ptr<const TransformMatrix>> by_key_;
  std::map<std::string, size_t> faults_;
  std::shared_ptr<WholeMatrices> kept_ = std::make_shared<WholeMatrices>();
};

}  // namespace

void undo_transforms(Contents& contents, const std::filesystem::path& folder) {
  auto schemes = read_transform_config(folder);
  if (schemes.empty()) return;
  Undoer(contents, std::move(schemes)).run();
}

}  // namespace wmk::checkpoint
