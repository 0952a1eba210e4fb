// An attack: a transformation of a checkpoint, described as data.
//
// Purpose: an attack has a name, declared parameters (used for parsing, help and reports) and a
// function that edits the plan of a model. attacks.h is the catalogue of all attacks;
// specs/attacks.md defines what each of them does to which tensor. Lifetime: attacks are constants.
// Thread-safety: immutable.
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
  std::string_view default_value;  // empty: the parameter is required
  std::string_view help;
  // A parameter with low < high is a number in [low, high]; any other is text.
  double low = 0;
  double high = 0;
  bool whole = false;  // integers only

  bool is_number() const { return low < high; }
};

struct Attack;

// The values of an attack's parameters, and the seed of its randomness.
class Arguments {
 public:
  // Parameters that were not given have their default values. Errors (invalid_argument): unknown
  // names, numbers out of range, text that is not among the choices of the unit, and missing
  // values.
  static Result<Arguments> make(const Attack& attack,
                                const std::map<std::string, std::string>& given, uint64_t seed);

  uint64_t seed() const { return seed_; }
  double number(std::string_view name) const;
  uint64_t whole(std::string_view name) const;
  const std::string& text(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
  uint64_t seed_ = 1;
};

struct Attack {
  std::string_view name;
  std::string_view help;  // one line
  bool exact = false;     // the function that the model computes stays the same
  std::vector<Parameter> parameters;
  Status (*apply)(Model& model, const Arguments& arguments) = nullptr;
};

}  // namespace wmk::lab
