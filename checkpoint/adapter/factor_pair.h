// Two tensors whose product is a matrix of the model: their names and shapes.
//
// Thread-safety: pure functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "checkpoint/adapter/low_rank.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

struct FactorNames {
  std::string_view first, second;  // endings of modules; first is applied first if shapes allow it
  std::string_view module;         // what replaces the ending
};

// LoRA, plain products, SVD-LLM, ASVD, torch.nn.Sequential.
inline constexpr std::array kFactorNames = {FactorNames{".lora_A", ".lora_B", ""},
                                            FactorNames{".lora_A.default", ".lora_B.default", ""},
                                            FactorNames{".A", ".B", ""},
                                            FactorNames{".U", ".V", ""},
                                            FactorNames{".u", ".v", ""},
                                            FactorNames{".Vh", ".U", ""},
                                            FactorNames{".Vt", ".U", ""},
                                            FactorNames{".BLinear", ".ALinear", ""},
                                            FactorNames{"_v_proj", "_u_proj", "_proj"},
                                            FactorNames{".0", ".1", ""},
                                            FactorNames{".w_a", ".w_b", ""},
                                            FactorNames{".linear_1", ".linear_2", ""},
                                            FactorNames{".linear1", ".linear2", ""}};

inline constexpr std::array<std::string_view, 2> kBaseEndings = {".base_layer.weight", ".weight"};
inline constexpr std::array<std::string_view, 5> kDiagonalEndings = {".S", ".s", ".S.weight",
                                                                     ".sigma", ".E"};

// Whether a naming rule reads or knows the matrix of this module.
bool is_matrix_of_model(std::string_view module);

// Whether a naming rule knows both by their own names: two embeddings, not factors of one.
bool are_known(const Tensor& first, const Tensor& second);

// A matrix with values that read_rectangle() reads.
bool is_factor(const Tensor& tensor);

// W = B A. Of the products that the shapes allow, as two linear layers in sequence and in the given
// order, that over the smaller extent; else first second^T. None: no product, or an extent above
// 65,536.
std::optional<LowRankUpdate> product_of(const Tensor& first, const Tensor& second);

}  // namespace wmk::checkpoint
