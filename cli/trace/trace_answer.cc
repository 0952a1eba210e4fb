#include "cli/trace/trace_answer.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/detect/carry_options.h"
#include "cli/network.h"
#include "cli/trace/licensee_list.h"
#include "cli/verdict_text.h"
#include "library/words/detect_words.h"
#include "library/words/trace_words.h"

namespace wmk::cli {

namespace {

std::string expectation(const verify::Trace& found) {
  if (found.site == verify::TraceSite::ffn) {
    return cat("expected at most ", fixed(found.expected_z, 1),
               " in an untouched copy at the default strength (never above ",
               fixed(verify::kTraceZMax, 0), ")");
  }
  const bool is_output = found.site == verify::TraceSite::output;
  return cat("best in ", is_output ? "the output head" : "FFN and output head together",
             found.head.empty() ? std::string() : cat(" '", escaped(found.head), "'"), " (",
             found.pairs, found.own_directions ? " pairs, own directions" : " pairs",
             "), expected ", is_output ? "at least " : "about ", fixed(found.expected_z, 1),
             " in an untouched copy");
}

}  // namespace

std::string trace_json(const TraceView& view) {
  const verify::Trace& found = view.found;
  json::Writer out;
  out.begin_object()
      .member("schema", "weightmark/trace/v1")
      .member("verdict", library::words_of(found.level).code);
  write_licensees(found.best, out);
  out.member("tested", static_cast<uint64_t>(found.tested));
  out.member("rounds", static_cast<uint64_t>(found.rounds));
  out.member("hypotheses", found.price).member("place", static_cast<uint64_t>(found.place));
  out.member("price", found.price).member("reading", found.reading_words);
  out.member("site", to_string(found.site)).key("pairs");
  found.pairs > 0 ? out.value(static_cast<uint64_t>(found.pairs)) : out.null();
  out.member("own_directions", found.own_directions).key("head");
  found.head.empty() ? out.null() : out.value(found.head);
  out.member("length", found.length).member("claim", found.claim.word());
  out.key("conditions").begin_array();
  for (const auto condition : found.claim.conditions) out.value(to_string(condition));
  out.end_array().member("finding", library::statement(library::finding(found),
                                                       report::is_yes(found.level), found.claim));
  out.key("reason");
  found.doubt ? out.value(found.doubt->text) : out.null();
  out.member("frame", to_string(found.frame));
  out.member("tags", to_string(found.tags)).member("expected_z", found.expected_z);
  out.member("weights", found.weights).member("base_subtracted", view.base_subtracted);
  out.member("key", view.fingerprint).key("model").begin_object().member("path", view.model);
  out.key("digest").null().end_object();
  write_network(out);
  return out.member("seconds", view.seconds).end_object().finish();
}

std::string trace_text(const TraceView& view) {
  const verify::Trace& found = view.found;
  std::string out = cat(library::words_of(found.level).name, ": ", library::finding(found), "\n");
  out += cat("  tested ", found.tested, " ids (price ", fixed(found.price, 0), ") in ",
             duration(view.seconds), ", ", expectation(found), "\n");
  if (found.doubt) out += cat("  reason: ", found.doubt->text, "\n");
  out += network_line();
  out += cat("  holds if ", found.claim.text(), "\n");
  if (found.carried) out += cat("  ", carried_text(*found.carried), "\n");
  out += licensees_text(found.best, found.named);
  if (found.doubt) {
    out += "  next: subtract the release (--base RELEASE), or use weightmark detect\n";
  }
  return out;
}

}  // namespace wmk::cli
