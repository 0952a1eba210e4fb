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

Parameter text(std::string_view name, std::string_view unit, std::string_view value,
               std::string_view help) {
  return {name, unit, value, help, 0, 0, false};
}

// Further neurons, dimensions and names that hide what is there.
std::vector<Attack> disguises() {
  const Parameter share = number("fraction", "fraction", "1", "share of the tokens", 0, 1);
  return {
      {"rescale-extreme",
       "scale up rows by a large power of two, and down columns by its inverse",
       kExact,
       {whole("exponent", "bits", "70", "the power", 0, 100)},
       rescale_extreme},
      {"clone-neurons",
       "split all neurons into several with one gate, with noise that cancels",
       kExact,
       {whole("clones", "neurons", "3", "neurons that replace one", 2, 8),
        number("noise", "lengths", "3", "length of the noise beside that of the row", 0, 100)},
       clone_neurons},
      {"dummy-neurons",
       "add neurons that repeat a few patterns and do next to nothing",
       kExact,
       {number("fraction", "fraction", "0.25", "neurons to add, as a share of those present", 0, 4),
        whole("patterns", "neurons", "128", "different neurons among them", 1, 1 << 16),
        whole("exponent", "bits", "40", "down columns are divided by this power of two", 0, 100)},
       dummy_neurons},
      {"widen",
       "add dimensions to the residual stream that nothing writes to",
       kExact,
       {whole("dimensions", "dimensions", "64", "how many", 1, 1 << 16),
        number("junk", "lengths", "0", "noise in what reads them, beside the other weights", 0,
               100)},
       widen},
      {"rename-tensors",
       "give all tensors other names",
       kExact,
       {text("style", "opaque|prefix|slashes|underscores|letters", "opaque", "the new names")},
       rename_tensors},
      {"rename-tokens", "give tokens other strings", kExact, {share}, rename_tokens},
  };
}

std::vector<Attack> exact_attacks() {
  const Parameter decades =
      number("decades", "decades", "1", "factors are 10^U(-decades, decades)", 0, 4);
  return {
      {"permute",
       "permute the neurons and the experts of each layer",
       kExact,
       {text("what", "all|neurons|experts", "all", "what is permuted")},
       permute},
      {"scale", "scale up rows, and down columns by the inverse", kExact, {decades}, scale},
      {"flip",
       "negate the up rows and down columns of random neurons",
       kExact,
       {number("fraction", "fraction", "0.5", "share of the neurons", 0, 1)},
       flip},
      {"gain",
       "move scale between the norm weights before the FFN and its input matrices",
       kExact,
       {decades},
       gain},
      {"rotate", "rotate the residual stream by a random orthogonal matrix", kExact, {}, rotate},
      {"permute-residual", "permute the residual dimensions", kExact, {}, permute_residual},
      {"shuffle-vocabulary", "permute the token ids", kExact, {}, shuffle_vocabulary},
      {"clone",
       "split neurons into twins that share the down column",
       kExact,
       {number("fraction", "fraction", "0.25", "share of the neurons that get a twin", 0, 1)},
       clone},
      {"reshard",
       "distribute the same tensors over other files",
       kExact,
       {whole("shards", "files", "2", "weights files to write", 1, 10000)},
       reshard},
  };
}

std::vector<Parameter> upcycle_parameters() {
  return {
      text("style", "mixtral|qwen2_moe|fine-grained", "mixtral", "names and shapes of the experts"),
      whole("experts", "experts", "8", "experts of each layer", 1, 1024),
      whole("top", "experts", "2", "experts of each token, for config.json", 1, 1024),
      number("reinit", "fraction", "0.5", "share of each expert's neurons that is re-initialised",
             0, 1),
      text("reinit-draw", "neurons|matrices", "neurons",
           "re-initialise complete neurons, or draw for gate, up and down separately"),
      number("drift", "sd", "0.3",
             "noise on all experts, in units of the standard deviation of each row", 0, 10),
  };
}

std::vector<Attack> lossy_attacks() {
  const Parameter half = number("fraction", "fraction", "0.5", "", 0, 1);
  Parameter pruned = half, dropped = half;
  pruned.help = "share of each matrix that becomes zero";
  dropped.help = "share of the layers that is removed";
  return {
      {"upcycle", "turn a dense model into a mixture of experts", kLossy, upcycle_parameters(),
       upcycle},
      {"drift",
       "add Gaussian noise to the matrices",
       kLossy,
       {number("drift", "sd", "0.1", "noise in units of the standard deviation of each row", 0, 10),
        number("embedding-drift", "sd", "0", "the same for the token embedding", 0, 10)},
       drift},
      {"quantize",
       "round the matrices to integers of a few bits",
       kLossy,
       {whole("bits", "bits", "8", "bits per weight", 1, 16),
        whole("group", "weights", "64", "adjacent weights that share a scale", 2, 1 << 20)},
       quantize},
      {"prune", "set the smallest weights to zero", kLossy, {pruned}, prune},
      {"drop-layers", "remove random layers and renumber the rest", kLossy, {dropped}, drop_layers},
      {"merge",
       "average the weights with those of another model",
       kLossy,
       {text("with", "model", "", "the other model, with the same shapes"),
        number("weight", "fraction", "0.5", "weight of the other model", 0, 1)},
       merge},
      {"collude",
       "make one copy out of those of several licensees",
       kLossy,
       {text("with", "models", "", "the other copies, separated by commas"),
        text("how", "mean|median|minimum|a+b-c|2a-b|mixed-weights|mixed-layers", "mean",
             "how the copies are put together"),
        text("cut", "no|yes", "no", "also cut out what the copies differ in")},
       collude},
      {"transplant-tokenizer",
       "exchange the tokenizer, and make an embedding for the new one",
       kLossy,
       {text("donor", "folder", "", "the folder of the other tokenizer"),
        whole("parts", "tokens", "8", "tokens whose rows are mixed for a new string", 1, 64)},
       transplant_tokenizer},
      {"cast",
       "store the weights in another type",
       kLossy,
       {text("to", "f16|f32|bf16|f8_e4m3", "f16", "the type")},
       cast},
  };
}

}  // namespace

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = [] {
    std::vector<Attack> list = exact_attacks();
    for (const auto& more : {disguises, lossy_attacks, head_attacks}) {
      for (Attack& attack : more()) list.push_back(std::move(attack));
    }
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
