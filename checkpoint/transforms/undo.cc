#include "checkpoint/transforms/undo.h"

#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "checkpoint/matrices/scaled_numbers.h"
#include "checkpoint/quantised/group.h"
#include "checkpoint/text/module_pattern.h"
#include "checkpoint/transforms/rotated_numbers.h"
#include "checkpoint/transforms/stored_matrices.h"

namespace wmk::checkpoint {
namespace {

constexpr std::string_view kWeightSuffix = ".weight";
// ModelOpt (AWQ, SmoothQuant): the inputs of a module are multiplied by these numbers, [in].
constexpr auto kInputScales =
    std::to_array<std::string_view>({".pre_quant_scale", ".input_quantizer._pre_quant_scale"});
constexpr uint64_t kRotatedBytesMax = 2ull << 30;
constexpr size_t kNotesMax = 8;

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

class Undoer {
 public:
  Undoer(Contents& contents, std::vector<TransformScheme> schemes)
      : contents_(contents), schemes_(std::move(schemes)), matrices_(contents.tensors, schemes_) {
    for (const Tensor& tensor : contents.tensors) {
      for (const std::string_view ending : kInputScales) {
        if (!tensor.name.ends_with(ending) || tensor.encoding || !is_float(tensor)) continue;
        scales_.emplace(tensor.name.substr(0, tensor.name.size() - ending.size()), tensor);
      }
    }
  }

  void run() {
    std::vector<Tensor> shown;
    for (const Tensor& tensor : contents_.tensors) {
      if (matrices_.has(tensor.name)) continue;
      shown.push_back(tensor);
      undo(shown.back());
    }
    for (const auto& [what, modules] : faults_) {
      if (contents_.notes.size() < kNotesMax) {
        contents_.notes.push_back(cat("transform_config: ", what, ": ", modules,
                                      modules == 1 ? " module stays" : " modules stay",
                                      " rotated"));
      }
    }
    if (rotated_ + scaled_ == 0) return;
    if (contents_.stored.empty()) contents_.stored = contents_.tensors;
    contents_.tensors = std::move(shown);
    report("rotations undone", rotated_);
    report("inputs scaled", scaled_);
  }

 private:
  void report(std::string_view what, size_t count) {
    std::string& words = contents_.quantisation;
    if (count == 0) return;
    words +=
        cat(words.empty() ? "" : "; ", what, " (", count, count == 1 ? " tensor)" : " tensors)");
  }

  Turns turns_of(const Tensor& tensor, const std::string& module) {
    Turns turns;
    const bool is_embedding = is_embedding_name(module);
    for (const TransformScheme& scheme : schemes_) {
      for (const TransformUse& use : scheme.uses) {
        if (!use.applies_to(module)) continue;
        // An embedding gives rows, a linear layer has a row for each output.
        const bool rows = use.on_input || is_embedding;
        const uint64_t extent = tensor.shape[rows ? 1 : 0];
        const uint64_t size = scheme.head_size.value_or(extent);
        const auto matrix = size == 0 || extent % size != 0 || (use.on_input && is_embedding)
                                ? nullptr
                                : matrices_.find(scheme, use, module, size);
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

  void undo(Tensor& tensor) {
    if (!tensor.name.ends_with(kWeightSuffix) || tensor.shape.size() != 2 ||
        tensor.elements() == 0 || (!tensor.encoding && !has_number_value(tensor.dtype)) ||
        tensor.elements() > kRotatedBytesMax / sizeof(float)) {
      return;
    }
    const std::string module = tensor.name.substr(0, tensor.name.size() - kWeightSuffix.size());
    Turns turns = turns_of(tensor, module);
    const uint64_t columns = tensor.shape[1];
    auto scale = scales_.find(module);
    if (scale != scales_.end() && scale->second.elements() != columns) scale = scales_.end();
    if (turns.empty() && scale == scales_.end()) return;
    const uint64_t stored = tensor.stored_bytes();
    Numbers numbers = tensor.encoding ? Numbers(std::make_shared<EncodedNumbers>(tensor))
                                      : plain_numbers(tensor, tensor.shape[0], columns);
    std::string name(tensor.encoding ? tensor.encoding->name() : to_string(tensor.dtype));
    if (!turns.empty()) {
      numbers = rotated(std::move(numbers), std::move(turns), kept_);
      name += ", rotated";
      ++rotated_;
    }
    if (scale != scales_.end()) {
      numbers = scaled(std::move(numbers), Formula::times,
                       {plain_numbers(scale->second, 1, columns), UINT64_MAX, 1});
      name += ", inputs scaled";
      ++scaled_;
    }
    tensor.encoding = encoding_of(std::move(name), std::move(numbers), stored);
    tensor.dtype = DType::f32;
    tensor.bytes = tensor.elements() * sizeof(float);
  }

  Contents& contents_;
  std::vector<TransformScheme> schemes_;
  StoredMatrices matrices_;
  std::map<std::string, Tensor> scales_;  // of inputs, by module
  std::map<std::string, size_t> faults_;
  size_t rotated_ = 0, scaled_ = 0;
  std::shared_ptr<WholeMatrices> kept_ = std::make_shared<WholeMatrices>();
};

}  // namespace

void undo_transforms(Contents& contents, const std::filesystem::path& folder) {
  auto schemes = read_transform_config(folder);
  Undoer(contents, std::move(schemes)).run();
}

}  // namespace wmk::checkpoint
