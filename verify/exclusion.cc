#include "verify/exclusion.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "checkpoint/naming/name_table.h"

namespace wmk::verify {

namespace {

constexpr double kReadPart = 0.95;   // of the units that the shapes promise
constexpr double kLargePart = 0.01;  // of all weights
constexpr double kNamedPart = 0.95;  // of the rows of the embedding
constexpr double kMargin = 3;        // deviations of z
constexpr double kLabelsMax = 0.05;  // part of the labels that may differ from the release's

std::string percent(double part) { return cat(fixed(100 * part, 1), " %"); }

std::optional<std::string> tokenizer_doubt(const checkpoint::Vocabulary& vocabulary) {
  if (!vocabulary.fault.empty()) return cat("the tokenizer cannot be read: ", vocabulary.fault);
  if (vocabulary.source.empty()) {
    return "the model has no tokenizer, so its own frame cannot be made";
  }
  const double rows = static_cast<double>(vocabulary.strings.size());
  if (static_cast<double>(vocabulary.named) < kNamedPart * rows ||
      static_cast<double>(vocabulary.beyond) > (1 - kNamedPart) * rows) {
    return cat("the tokenizer does not fit the embedding: it names ", vocabulary.named, " of ",
               vocabulary.strings.size(), " rows and has ", vocabulary.beyond, " more tokens");
  }
  return std::nullopt;
}

double elements(const checkpoint::Tensor& tensor) { return static_cast<double>(tensor.elements()); }

bool is_matrix(const checkpoint::Tensor& tensor) {
  return std::count_if(tensor.shape.begin(), tensor.shape.end(),
                       [](uint64_t size) { return size > 1; }) >= 2;
}

// Units that were skipped, matrices of the FFN that belong to no unit, and large matrices that
// nothing explains.
std::optional<std::string> unread_doubt(const Subject& subject, uint64_t skipped) {
  const auto& tensors = subject.checkpoint->tensors();
  const auto& anatomy = *subject.anatomy;
  if (!subject.checkpoint->refusals().empty()) {
    return cat("quantised tensors were not read, such as '",
               escaped(subject.checkpoint->refusals()[0].first), "'");
  }
  double all = 0, promised = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    all += elements(tensors[i]);
    // A matrix in a narrower space of its own (latent experts) cannot be marked.
    const auto& shape = tensors[i].shape;
    if (std::find(shape.begin(), shape.end(), anatomy.width) == shape.end()) continue;
    const auto role = anatomy.roles[i];
    if (role && is_ffn_matrix(*role) && is_matrix(tensors[i])) promised += elements(tensors[i]);
  }
  const double units = static_cast<double>(anatomy.unit_count() + anatomy.skipped_unit_count());
  const double used = (units - static_cast<double>(skipped)) / std::max(1.0, units);
  const double read = static_cast<double>(anatomy.weight_count());
  if (read < kReadPart * promised || used < kReadPart) {
    return cat("only ", percent(std::min(used, read / std::max(1.0, promised))),
               " of the FFN weights could be read");
  }
  const checkpoint::Tensor* largest = nullptr;
  for (const size_t i : unrecognised(anatomy)) {
    if (std::binary_search(anatomy.duplicates.begin(), anatomy.duplicates.end(), i)) continue;
    if (!is_matrix(tensors[i]) || elements(tensors[i]) <= kLargePart * all) continue;
    if (largest == nullptr || elements(tensors[i]) > elements(*largest)) largest = &tensors[i];
  }
  if (largest == nullptr) return std::nullopt;
  return cat("tensor '", escaped(largest->name), "' ", checkpoint::shape_text(largest->shape),
             " holds ", percent(elements(*largest) / all),
             " of the weights, and no naming rule explains it");
}

}  // namespace

double needed_z(double price) { return std::sqrt(2 * std::log(price / kHintP)) + kMargin; }

std::optional<Doubt> doubt_of(const Evidence& evidence) {
  if (evidence.ln_p <= std::log(kHintP)) {
    return Doubt{DoubtKind::hint, "z is larger than chance usually gives, and too small for a yes"};
  }
  const auto& own = evidence.own;
  if (own && own->largest_z >= kShareZMax) {
    return Doubt{DoubtKind::hint, cat("z of ", own->largest, " is ", fixed(own->largest_z, 1),
                                      ", larger than chance usually gives")};
  }
  if (!evidence.ids_recorded) {
    if (auto text = tokenizer_doubt(*evidence.subject.vocabulary)) {
      return Doubt{DoubtKind::tokenizer, *std::move(text)};
    }
    if (evidence.label_difference > kLabelsMax) {
      return Doubt{DoubtKind::labels,
                   cat("the tokenizer is not the release's: ", percent(evidence.label_difference),
                       " of the tokens differ")};
    }
  }
  if (evidence.single_share) {
    return Doubt{DoubtKind::one_share, cat("only share ", *evidence.single_share, " was read")};
  }
  if (evidence.has_naming) {
    return Doubt{DoubtKind::naming, "the tensors were read by the naming file of the user"};
  }
  if (auto text = unread_doubt(evidence.subject, evidence.skipped_units)) {
    return Doubt{DoubtKind::unread, *std::move(text)};
  }
  if (!own) return Doubt{DoubtKind::unread, "the model's own frame was not read to the end"};
  for (const auto& [site, expected] : own->drowned) {
    return Doubt{
        DoubtKind::weak,
        cat("half of a mark would have shown ", fixed(expected / 2, 1), " in the ",
            site == embed::Site::heads ? "attention heads" : "FFN neurons", " as they are, and ",
            fixed(needed_z(own->price), 1), " is needed to exclude one")};
  }
  if (own->expected_z / 2 < needed_z(own->price)) {
    return Doubt{DoubtKind::weak,
                 cat("half of a mark would have shown ", fixed(own->expected_z / 2, 1), ", and ",
                     fixed(needed_z(own->price), 1), " is needed to exclude one")};
  }
  return std::nullopt;
}

std::optional<Doubt> doubt_of(const LabelFit& fit) {
  if (fit.pairs < kFitPairsMin || fit.covered < kFitCoveredMin) {
    return Doubt{DoubtKind::tokenizer, cat("the tokenizer has too few pairs of related words (",
                                           fit.pairs, ", with ", percent(fit.covered),
                                           " of its tokens) to show that it describes this "
                                           "embedding")};
  }
  if (fit.alike >= kFitAlikeMin) return std::nullopt;
  return Doubt{
      DoubtKind::tokenizer,
      cat("the strings of the tokenizer do not describe this embedding: ", percent(fit.alike),
          " of ", fit.pairs, " pairs of related words are more alike than other words, and ",
          percent(kFitAlikeMin), " are needed")};
}

Result<std::optional<Doubt>> find_doubt(const Evidence& evidence, unsigned threads) {
  auto doubt = doubt_of(evidence);
  if (doubt || evidence.ids_recorded) return doubt;
  auto fit = fit_labels(evidence.subject, threads);
  if (!fit) return std::move(fit).error();
  return doubt_of(*fit);
}

}  // namespace wmk::verify
