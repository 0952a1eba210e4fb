// An independent check of exact attacks: a slow forward pass of tiny Llama-like models in double.
//
// Reads f32 checkpoints by their Hugging Face names and shares no code with lab. Supports dense,
// Mixtral and Qwen2-MoE feed-forward networks, grouped-query attention with rotary positions,
// biases, and a tied or untied head.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace wmk::test {

using Vector = std::vector<double>;

class TinyModel {
 public:
  explicit TinyModel(const std::filesystem::path& folder);

  // Logits of every position.
  std::vector<Vector> logits(const std::vector<size_t>& tokens) const;

 private:
  struct Matrix {
    size_t rows = 0, columns = 0;
    Vector values;
  };

  bool has(const std::string& name) const { return tensors_.contains(name); }
  const Matrix& at(const std::string& name) const { return tensors_.at(name); }
  // W x + b, or W x if there is no bias.
  Vector linear(const std::string& name, const Vector& x) const;
  Vector normalised(const std::string& name, const Vector& x) const;
  std::vector<Vector> attention(const std::string& layer, const std::vector<Vector>& x) const;
  Vector gated(const std::string& gate, const std::string& up, const std::string& down,
               const Vector& x) const;
  Vector mixture(const std::string& place, bool mixtral, const Vector& x) const;
  Vector feed_forward(const std::string& layer, const Vector& x) const;

  std::map<std::string, Matrix> tensors_;
  size_t layers_ = 0, heads_ = 0, kv_heads_ = 0, top_ = 0;
  double epsilon_ = 0, theta_ = 0;
};

}  // namespace wmk::test
