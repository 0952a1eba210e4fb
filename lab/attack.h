// An attack: one way to change a checkpoint, as data.
//
// Purpose: an attack has a name, declared parameters (they drive parsing, help and reports) and a
// function that edits the plan of a model. The catalogue of all attacks is attacks.h; what each of
// them does to which tensor is specs/attacks.md.
// Lifetime: attacks are constants. Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/model/model.h"

namespace wmk::lab {

struct Parameter {
  std::string_view name;
  std::string_view unit;           // "fraction", "bits", "folder", "mixtral|qwen2_moe"
  std::string_view default_value;  // empty: the user must give it
  std::string_view help;
  // A parameter of low < high is a number in [low, high]; any other is a word.
  double low = 0;
  double high = 0;
  bool whole = false;  // numbers only

  bool is_number() const { return low < high; }
};

struct Attack;

// The values of an attack's parameters, and the seed of its randomness.
class Arguments {
 public:
  // Defaults where nothing was given. Unknown names, numbers out of range, words that the unit does
  // not list and missing values are Errors (invalid_argument).
  static Result<Arguments> make(const Attack& attack,
                                const std::map<std::string, std::string>& given, uint64_t seed);

  uint64_t seed() const { return seed_; }
  double number(std::string_view name) const;
  uint64_t whole(std::string_view name) const;
  const std::string& word(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
  uint64_t seed_ = 1;
};

struct Attack {
  std::string_view name;
  std::string_view help;  // one line
  bool exact = false;     // the model computes the same function afterwards
  std::vector<Parameter> parameters;
  Status (*apply)(Model& model, const Arguments& arguments) = nullptr;
};

}  // namespace wmk::lab
