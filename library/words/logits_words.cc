#include "library/words/logits_words.h"

#include "base/text.h"
#include "library/words/detect_words.h"

namespace wmk::library {

std::string finding(const verify::LogitsDetection& found, const std::string& key) {
  if (!report::is_yes(found.level)) {
    return cat("no mark of ", key, " was detected in these logits, but one cannot be excluded");
  }
  return cat("the output head behind these logits spans the mark of ", key,
             condition_clause(found.claim));
}

}  // namespace wmk::library
