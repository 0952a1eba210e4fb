#include "cli/trace/logits_trace.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/detect/logits_view.h"
#include "cli/trace/licensee_list.h"
#include "cli/verdict_text.h"
#include "library/words/detect_words.h"
#include "verify/frame_source.h"

namespace wmk::cli {

namespace {

std::string trace_sentence(const verify::LogitsTrace& found) {
  if (!report::is_yes(found.level)) return "no licensee's mark was detected in these logits";
  const std::string& first = found.found.best.front().id;
  if (found.found.named > 1) {
    return cat("these logits are of a copy made from those of ", found.found.named, " licensees, '",
               escaped(first), "' among them", library::condition_clause(found.claim));
  }
  return cat("these logits are of the copy of '", escaped(first), "'",
             library::condition_clause(found.claim));
}

std::string trace_logits_text(const verify::LogitsTrace& found, size_t tested, double seconds) {
  std::string out = cat(library::words_of(found.level).name, ": ", trace_sentence(found), "\n");
  out += cat("  tested ", tested, " ids (price ", fixed(found.price, 0), ") in ", duration(seconds),
             "; ", found.pairs, " pairs, rank ", found.rank, " of ", found.rows,
             " rows\n  holds if ", found.claim.text(), "\n");
  return out + licensees_text(found.found.best, found.found.named);
}

std::string trace_logits_json(const verify::LogitsTrace& found, size_t tested, bool subtracts,
                              const std::string& key, double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/trace/v1");
  out.member("verdict", library::words_of(found.level).code).member("price", found.price);
  out.member("tested", static_cast<uint64_t>(tested));
  out.member("rounds", static_cast<uint64_t>(found.found.rounds));
  out.member("rows", found.rows).member("columns", found.columns).member("rank", found.rank);
  out.member("pairs", static_cast<uint64_t>(found.pairs));
  write_logits_claim(found.claim, out);
  out.member("finding", cat(trace_sentence(found), "."));
  write_licensees(found.found.best, out);
  out.member("base_subtracted", subtracts).member("key", key);
  return out.member("seconds", seconds).end_object().finish();
}

}  // namespace

int trace_logits(const LogitsInputs& inputs, const std::vector<std::string>& ids,
                 const std::string& base, size_t listed_min, const crypto::SecretBytes& key,
                 const CommonOptions& common) {
  const Stopwatch stopwatch;
  auto opened = open_logits(inputs, key, common);
  if (!opened) return fail(opened.error());
  opened->request.listed_min = listed_min;
  std::optional<OpenedModel> release;
  std::optional<verify::LogitsBase> subtracted;
  if (!base.empty()) {
    auto model = open_declared(base, common);
    if (!model) return fail(std::move(model).error().within("base"));
    release = *std::move(model);
    const verify::Subject subject{&release->checkpoint, &release->anatomy, &release->vocabulary};
    subtracted = {subject.checkpoint, subject.anatomy,
                  verify::make_labels(subject, verify::FrameSource::strings)};
  }
  auto found =
      verify::trace_in_logits(opened->logits, opened->labels, ids, subtracted, opened->request);
  if (!found) return fail(found.error());
  const bool subtracts = subtracted.has_value();
  say(common.json ? trace_logits_json(*found, ids.size(), subtracts, crypto::fingerprint(key),
                                      stopwatch.seconds())
                  : trace_logits_text(*found, ids.size(), stopwatch.seconds()));
  return exit_code(found->level);
}

}  // namespace wmk::cli
