#include "lab/attacks.h"

#include <algorithm>

#include "base/text.h"
#include "lab/attack_functions.h"

namespace wmk::lab {
namespace {

constexpr bool kExact = true, kLossy = false;

Parameter number(std::string_view name, std::string_view unit, std::string_view value,
                 std::string_view help, double low, double high) {
  return {name, unit, value, help, low, high, false};
}

Parameter whole(std::string_view name, std::string_view unit, std::string_view value,
                std::string_view help, double low, double high) {
  return {name, unit, value, help, low, high, true};
}

Parameter word(std::string_view name, std::string_view unit, std::string_view value,
               std::string_view help) {
  return {name, unit, value, help, 0, 0, false};
}

std::vector<Attack> exact_attacks() {
  const Parameter decades =
      number("decades", "decades", "1", "factors are 10^U(-decades, decades)", 0, 4);
  return {
      {"permute",
       "change the places of neurons and of experts",
       kExact,
       {word("what", "all|neurons|experts", "all", "what changes places")},
       permute},
      {"scale", "multiply up rows, divide down columns", kExact, {decades}, scale},
      {"flip",
       "flip the signs of up rows and down columns of random neurons",
       kExact,
       {number("fraction", "fraction", "0.5", "neurons that flip", 0, 1)},
       flip},
      {"gain",
       "move scale between the gain in front of the FFN and its readers",
       kExact,
       {decades},
       gain},
      {"rotate", "rotate the residual stream by a random orthogonal matrix", kExact, {}, rotate},
      {"permute-residual",
       "change the places of residual dimensions",
       kExact,
       {},
       permute_residual},
      {"shuffle-vocabulary", "give the tokens new numbers", kExact, {}, shuffle_vocabulary},
      {"clone",
       "split neurons in twins that share the down column",
       kExact,
       {number("fraction", "fraction", "0.25", "neurons that get a twin", 0, 1)},
       clone},
      {"reshard",
       "the same tensors in other files",
       kExact,
       {whole("shards", "files", "2", "weights files to write", 1, 10000)},
       reshard},
  };
}

std::vector<Parameter> upcycle_parameters() {
  return {
      word("style", "mixtral|qwen2_moe|fine-grained", "mixtral", "names and shape of the experts"),
      whole("experts", "experts", "8", "experts a layer", 1, 1024),
      whole("top", "experts", "2", "experts a token, for config.json", 1, 1024),
      number("reinit", "fraction", "0.5", "neurons of each expert that start anew", 0, 1),
      word("reinit-draw", "neurons|matrices", "neurons",
           "draw whole neurons, or gate, up and down apart"),
      number("drift", "sd", "0.3", "noise on all experts, in units of each row's sd", 0, 10),
  };
}

std::vector<Attack> lossy_attacks() {
  const Parameter half = number("fraction", "fraction", "0.5", "", 0, 1);
  Parameter pruned = half, dropped = half;
  pruned.help = "weights of each matrix that become zero";
  dropped.help = "layers that go";
  return {
      {"upcycle", "turn a dense model into a mixture of experts", kLossy, upcycle_parameters(),
       upcycle},
      {"drift",
       "add Gaussian noise to the matrices",
       kLossy,
       {number("drift", "sd", "0.1", "noise in units of each row's sd", 0, 10),
        number("embedding-drift", "sd", "0", "the same on the token embedding", 0, 10)},
       drift},
      {"quantize",
       "round the matrices to integers of a few bits",
       kLossy,
       {whole("bits", "bits", "8", "bits a weight", 1, 16),
        whole("group", "weights", "64", "neighbours that share a scale", 2, 1 << 20)},
       quantize},
      {"prune", "set the smallest weights to zero", kLossy, {pruned}, prune},
      {"drop-layers", "remove random layers and renumber the rest", kLossy, {dropped}, drop_layers},
      {"merge",
       "take the weighted mean with another model",
       kLossy,
       {word("with", "model", "", "the other model, of the same shapes"),
        number("weight", "fraction", "0.5", "weight of the other model", 0, 1)},
       merge},
      {"cast",
       "store the weights in another type",
       kLossy,
       {word("to", "f16|f32|bf16|f8_e4m3", "f16", "the type")},
       cast},
  };
}

}  // namespace

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = [] {
    std::vector<Attack> list = exact_attacks();
    for (Attack& attack : lossy_attacks()) list.push_back(std::move(attack));
    return list;
  }();
  return all;
}

const Attack* find_attack(std::string_view name) {
  const auto found = std::find_if(attacks().begin(), attacks().end(),
                                  [&](const Attack& attack) { return attack.name == name; });
  return found == attacks().end() ? nullptr : &*found;
}

Result<AttackOutcome> run_attack(const Attack& attack, const Arguments& arguments, Model model,
                                 const AttackOutput& output) {
  if (auto status = attack.apply(model, arguments); !status) return std::move(status).error();
  auto saved = model.save(output.folder, output.replace, output.threads, output.progress);
  if (!saved) return std::move(saved).error();
  AttackOutcome outcome;
  outcome.tensors = model.plan().tensors.size();
  for (const PlannedTensor& tensor : model.plan().tensors) outcome.bytes += tensor.bytes();
  outcome.notes = model.notes();
  return outcome;
}

}  // namespace wmk::lab
