#include "library/words/case_words.h"

#include <cmath>

#include "base/text.h"
#include "report/probability.h"

namespace wmk::library {

using claims::Ruling;

std::string ruling_sentence(claims::Ruling ruling, bool is_model) {
  const std::string suspect = is_model ? "the suspect" : "the output head behind the logits";
  switch (ruling) {
    case Ruling::conclusive:
    case Ruling::detected:
      return cat(suspect, " carries the mark that was committed, under the conditions of the link");
    case Ruling::not_found:
      return cat(suspect, " does not carry the disclosed share where it was looked for");
    case Ruling::refused:
      return "the claim's papers are bad; no model was read";
    default:
      return cat("it is open whether ", suspect, " carries the mark that was committed");
  }
}

std::string_view ruling_meaning(Ruling ruling) {
  switch (ruling) {
    case Ruling::conclusive:
    case Ruling::detected:
      return "It does not say who copied, how, or with what right.";
    case Ruling::not_found:
      return "It does not say that the suspect is independent: a mark can be removed.";
    case Ruling::refused:
      return "It says nothing about the suspect.";
    default:
      return "It says neither yes nor no.";
  }
}

std::string weight_words(const claims::Weight& weight) {
  const std::string tries =
      weight.ln_tries < claims::kUncountedLnTries && weight.commitments
          ? cat(*weight.commitments, *weight.commitments == 1 ? " commitment" : " commitments")
          : std::string("2^64 tries");
  const double log10_e = report::log10_of(weight.ln_e);
  const std::string e = log10_e < 0
                            ? std::string("an e-value below 1")
                            : cat("an e-value of at least 10^", fixed(std::floor(log10_e), 0));
  return cat(report::p_statement(report::log10_of(weight.ln_p)), " for ", tries, "; ", e,
             " with lambda ", fixed(weight.lambda, 1));
}

}  // namespace wmk::library
