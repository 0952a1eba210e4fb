#include "library/words/trace_words.h"

#include "base/text.h"
#include "library/words/detect_words.h"

namespace wmk::library {

namespace {

// Of a *yes*, without its condition.
std::string named_words(const verify::Trace& found) {
  const verify::LicenseeZ& first = found.best.front();
  const bool is_output = found.site == verify::TraceSite::output;
  if (found.named > 1) {
    return cat(is_output ? "the output head was" : "this was", " made from the copies of ",
               found.named, " licensees, '", escaped(first.id), "' among them");
  }
  if (first.z < 0) {
    return cat("the copy of licensee '", escaped(first.id),
               "' was used to make this one, and its mark is subtracted");
  }
  return cat(is_output ? "the output head is that of the copy of licensee '"
                       : "this is the copy of licensee '",
             escaped(first.id), "'");
}

}  // namespace

std::string finding(const verify::Trace& found) {
  if (report::is_yes(found.level)) return named_words(found) + condition_clause(found.claim);
  if (found.level == report::Level::not_found) {
    return cat("no mark of any of the ", found.tested,
               " licensees in the FFN, in the model's own frame; a copy with a new tokenizer or "
               "embedding is not excluded",
               not_asked_for(found.is_unlisted));
  }
  return "no licensee's mark was detected, but a weak one cannot be excluded";
}

}  // namespace wmk::library
