#include "cli/detect/detect_words.h"

#include "base/text.h"

namespace wmk::cli {

namespace {

using report::Level;

constexpr std::string_view kCarries = "this checkpoint carries the mark of ";

// In the order of Level.
constexpr VerdictWords kWords[] = {
    {report::to_string(Level::conclusive), "conclusive", "yes", kCarries, "",
     "The weights agree with directions that only the holder of the key can compute. The agreement "
     "is too strong for chance, even if a claimant tried 2\u2076\u2074 keys.",
     "It does not show how the marked weights got into this checkpoint, who put them there, or "
     "when the key was made. For the latter there are commitments with a timestamp from before the "
     "release."},
    {report::to_string(Level::detected), "detected", "yes", kCarries, "",
     "The weights agree with directions that only the holder of the key can compute. Chance alone "
     "reaches such agreement less often than the requested false-positive rate.",
     "It does not show how the marked weights got into this checkpoint, who put them there, or "
     "when the key was made. It is weaker than a conclusive finding: a claimant who tried many "
     "keys could reach it."},
    {report::to_string(Level::undecided), "undecided", "open", "no mark of ",
     " was detected, but a weak one cannot be excluded",
     "The weights do not clearly agree with the key. The model is so small, or was changed so "
     "much, that an existing mark might not show.",
     "It supports neither side."},
    {report::to_string(Level::not_found), "not found", "no",
     "this checkpoint does not carry the mark of ", "",
     "The weights agree with the key no better than with a random key, and even half of a mark "
     "would have shown.",
     "It does not exclude that the model was trained on answers of the marked model: distillation "
     "does not transfer the mark. It says nothing about other keys."}};

}  // namespace

const VerdictWords& words_of(Level level) { return kWords[static_cast<size_t>(level)]; }

std::string finding(Level level, std::string_view key) {
  const VerdictWords& words = words_of(level);
  return cat(words.before, key, words.after);
}

std::string group_name(const verify::GroupZ& group) {
  const std::string expert = group.expert   ? cat(", expert ", *group.expert)
                             : group.shared ? std::string(", shared expert")
                                            : std::string();
  return cat("layer ", group.layer, group.part.empty() ? "" : " ", group.part, expert);
}

}  // namespace wmk::cli
