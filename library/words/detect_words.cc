#include "library/words/detect_words.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "library/words/site_words.h"

namespace wmk::library {

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
     "A mark was neither shown nor excluded; the reason is below.", "It supports neither side."},
    {report::to_string(Level::not_found), "not found", "no", "no mark of ", "",
     "All weights were read. Under the model's own token labels they agree with the key no better "
     "than with a random key, and half of a mark would have shown.",
     "It does not exclude a copy with a new tokenizer or embedding, in whose own frame a mark does "
     "not show. It does not exclude that the model was trained on answers of the marked model: "
     "distillation "
     "does not transfer the mark. It says nothing about other keys."}};

}  // namespace

const VerdictWords& words_of(Level level) { return kWords[static_cast<size_t>(level)]; }

std::string condition_clause(const verify::Claim& claim) {
  if (claim.is_theorem()) return {};
  verify::Claim further = claim;
  further.conditions.erase(further.conditions.begin());
  return cat(", if ", further.text(), "; otherwise this shows nothing");
}

std::string not_excluded(bool has_record) {
  return has_record ? "a copy with a new embedding whose weights were also rotated is not excluded"
                    : "a copy with a new tokenizer or embedding is not excluded (--record RECORD)";
}

std::string not_asked_for(bool is_unlisted) {
  return is_unlisted ? "; only files with usual names were asked for, and others on the server are "
                       "not excluded"
                     : "";
}

std::string finding(const verify::Detection& found, std::string_view key) {
  const VerdictWords& words = words_of(found.level);
  if (found.doubt && found.doubt->kind == verify::DoubtKind::control) {
    return cat("the mark of ", key, " is not shown, because a control shows it as well");
  }
  if (report::is_yes(found.level)) {
    return cat(words.before, key, words.after, condition_clause(found.claim));
  }
  if (found.level != Level::not_found) return cat(words.before, key, words.after);
  return cat(words.before, key, " in ", excluded_words(found), ", in the model's own frame",
             found.is_bound ? "" : " or that of the record", "; ", not_excluded(!found.is_bound),
             not_asked_for(found.is_unlisted));
}

std::string statement(const std::string& finding, bool is_yes, const verify::Claim& claim) {
  if (!is_yes || claim.is_theorem()) return cat(finding, ". It holds if ", claim.text(), ".");
  return cat(finding, ". It also holds only if ", meaning(claim.conditions.front()), ".");
}

std::string frame_text(verify::FrameSource frame) {
  switch (frame) {
    case verify::FrameSource::strings:
      return "the suspect's own tokens";
    case verify::FrameSource::ids:
      return "the suspect's own token numbers";
    case verify::FrameSource::shared:
      return "the suspect's own tokens that the release has too";
    case verify::FrameSource::recorded:
      return "the record";
    default:
      return "the release, carried by neurons";
  }
}

std::string frame_words(const verify::Detection& found) {
  if (found.frame != verify::FrameSource::carried) return frame_text(found.frame);
  if (found.site == verify::SiteChoice::output) {
    return "the release, labels carried by rows of its output head";
  }
  const bool is_by_tokens = found.carried && found.carried->by_tokens;
  return is_by_tokens ? "the release, carried by tokens" : frame_text(found.frame);
}

std::string next_step(const verify::Detection& found, bool is_disclosure) {
  const bool has_release =
      found.carried_tokens ||
      std::any_of(found.tried.begin(), found.tried.end(), [](const verify::Tried& each) {
        return each.hypothesis.frame == verify::FrameSource::carried;
      });
  const bool has_record = is_disclosure || !found.is_bound;  // a record goes with a key
  switch (found.doubt->kind) {
    case verify::DoubtKind::control:
      return "read another frame, or use weightmark compare with the release";
    case verify::DoubtKind::one_share:
      return is_disclosure ? "ask the claimant to disclose another share"
                           : "leave out --share to read all shares";
    case verify::DoubtKind::naming:
      return "if its tensors have standard names, leave out --naming";
    case verify::DoubtKind::reading:
      return cat("try all readings (--readings all), or give a naming file (--naming)",
                 has_release ? "" : " or the marked release (--release RELEASE)");
    case verify::DoubtKind::unread:
      return "weightmark inspect MODEL --tensors lists what was read";
    default:
      break;
  }
  if (has_release) return "use weightmark compare with the release, which needs no mark";
  const bool is_tokenizer = found.doubt->kind == verify::DoubtKind::tokenizer;
  return cat("give the marked release (--release RELEASE)",
             has_record ? "" : ", or the mark's record (--record RECORD)",
             is_tokenizer ? ", or add the model's tokenizer" : "");
}

std::vector<std::string> remarks(const verify::Detection& found) {
  std::vector<std::string> out;
  if (auto text = disagreement(found)) out.push_back(*std::move(text));
  for (const verify::SiteZ& site : found.sites) {
    if (auto text = head_words(site)) out.push_back(*std::move(text));
  }
  if (found.exceeds_expected()) {
    out.push_back(cat("z is more than 1.3 times the ", fixed(found.expected_z, 1),
                      " that an untouched copy would show: the mark is stronger than assumed, or "
                      "the frame was fitted to this model"));
  }
  if (found.reading > 0 && !found.controls.empty()) {
    out.push_back("controls were read as they declare themselves");
  }
  return out;
}

size_t readings_tried(const verify::Detection& found) {
  std::set<size_t> readings;
  for (const verify::Tried& each : found.tried) readings.insert(each.hypothesis.reading);
  return readings.size();
}

}  // namespace wmk::library
