// What `detect` found, as text and as JSON.
#include <algorithm>

#include "base/text.h"
#include "cli/detect/carry_options.h"
#include "cli/detect/detect_view.h"
#include "cli/detect/disclosure_options.h"
#include "cli/detect/site_text.h"
#include "cli/network.h"
#include "library/models/model_notes.h"
#include "library/words/detect_words.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

void write_readings(const verify::Detection& found, json::Writer& out) {
  out.key("window");
  found.window > 0 ? out.value(static_cast<uint64_t>(found.window)) : out.null();
  out.key("why_not_declared");
  found.why_not_declared.empty() ? out.null() : out.value(found.why_not_declared);
  out.key("readings").begin_array();
  for (const verify::Tried& each : found.tried) {
    const verify::Hypothesis& hypothesis = each.hypothesis;
    out.begin_object().member("reading", each.reading).member("site", to_string(each.site));
    out.member("frame", to_string(hypothesis.frame)).key("window");
    hypothesis.window > 0 ? out.value(static_cast<uint64_t>(hypothesis.window)) : out.null();
    out.member("place", static_cast<uint64_t>(hypothesis.place)).member("price", hypothesis.price);
    out.member("z", each.z).member("expected_z", each.expected_z).member("part", each.part);
    out.key("fault");
    each.fault.empty() ? out.null() : out.value(each.fault);
    out.end_object();
  }
  out.end_array();
}

void write_claim(const DetectView& view, json::Writer& out) {
  const verify::Detection& found = view.found;
  out.member("claim", found.claim.word()).key("conditions").begin_array();
  for (const auto condition : found.claim.conditions) out.value(to_string(condition));
  out.end_array();
  out.member("finding", library::statement(library::finding(found, owner_of(view)),
                                           report::is_yes(found.level), found.claim));
  out.key("reason");
  found.doubt ? out.value(found.doubt->text) : out.null();
  out.key("next");
  found.doubt ? out.value(library::next_step(found, view.disclosure != nullptr)) : out.null();
  out.key("notes").begin_array();
  for (const std::string& text : all_notes(view)) out.value(text);
  out.end_array().key("controls").begin_array();
  for (size_t i = 0; i < found.controls.size(); ++i) {
    out.begin_object().member("path", view.controls[i]).member("z", found.controls[i].z);
    out.member("null", found.controls[i].is_null).end_object();
  }
  out.end_array();
}

void write_digest(const char* name, const std::string& digest, json::Writer& out) {
  out.key(name);
  digest.empty() ? out.null() : out.value(digest);
}

void write_inputs(const DetectView& view, json::Writer& out) {
  out.key("model").begin_object().member("path", view.path).key("digest").null();
  write_digest("tokenizer", view.digests.tokenizer, out);
  write_digest("embedding", view.digests.embedding, out);
  write_digest("adapter_config", view.digests.adapter_config, out);
  out.end_object();
  write_digest("record", view.digests.record, out);
  write_digest("naming", view.digests.naming, out);
  write_digest("program", view.digests.program, out);
}

// Which reading the answer is about, if not the declared one, and how many were tried.
std::string reading_lines(const verify::Detection& found) {
  std::string out;
  if (!found.why_not_declared.empty()) {
    out += cat("  reading: ", found.reading_words, "; ", found.why_not_declared, "\n");
  }
  if (const size_t count = library::readings_tried(found); count > 1) {
    out += cat("  tried ", count, " readings of the tensors\n");
  }
  return out;
}

std::string claim_lines(const DetectView& view) {
  const verify::Detection& found = view.found;
  std::string out = cat("  holds if ", found.claim.text(), "\n");
  for (size_t i = 0; i < found.controls.size(); ++i) {
    out += cat("  control ", escaped(view.controls[i]), ": z = ", fixed(found.controls[i].z, 1),
               found.controls[i].is_null ? "\n" : ", not null\n");
  }
  if (found.carried) out += cat("  ", carried_text(*found.carried), "\n");
  if (found.carried_tokens) out += cat("  ", carried_text(*found.carried_tokens), "\n");
  for (const std::string& text : library::remarks(found)) out += cat("  note: ", text, "\n");
  return out;
}

}  // namespace

std::vector<std::string> all_notes(const DetectView& view) {
  std::vector<std::string> out = view.declared_notes;
  for (auto& text :
       library::model_notes(view.model.checkpoint, view.model.anatomy, view.model.vocabulary)) {
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
  }
  for (std::string& text : library::remarks(view.found)) out.push_back(std::move(text));
  return out;
}

std::string detect_json(const DetectView& view) {
  const verify::Detection& found = view.found;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/detect/v1");
  out.member("verdict", library::words_of(found.level).code).member("z", found.z);
  out.member("log10_p", report::log10_of(found.ln_p)).member("hypotheses", found.price);
  out.member("place", static_cast<uint64_t>(found.place)).member("price", found.price);
  out.member("tried", static_cast<uint64_t>(found.tried.size()));
  out.member("reading", found.reading_words).member("site", to_string(found.site));
  out.member("frame", to_string(found.frame)).member("tags", to_string(found.tags));
  out.member("expected_z", found.expected_z).member("expected_z_full", found.expected_z_full);
  out.member("expected_from", found.is_bound ? "formula" : "release");
  out.member("weights_read", found.weights_read).member("weights_total", found.weights_total);
  out.member("bytes_read", found.bytes_read).member("length", found.length);
  write_sites(found, out);
  write_claim(view, out);
  write_readings(found, out);
  write_carried(found.carried, out);
  write_carried(found.carried_tokens, out);
  out.key("shares").begin_array();
  for (const verify::ShareZ& share : found.shares) {
    out.begin_object().member("share", static_cast<uint64_t>(share.share)).member("z", share.z);
    out.end_object();
  }
  out.end_array();
  if (view.by_layer) write_groups(found, out);
  out.member("skipped_units", found.skipped_units)
      .member("not_finite_units", found.not_finite_units);
  out.member("key", view.fingerprint);
  if (view.disclosure != nullptr) write_disclosure(*view.disclosure, out);
  write_inputs(view, out);
  view.states_network ? write_network(out) : (void)out.key("network").null();
  return out.member("seconds", view.seconds).end_object().finish();
}

std::string detect_text(const DetectView& view) {
  const verify::Detection& found = view.found;
  std::string out =
      cat(library::words_of(found.level).name, ": ", library::finding(found, owner_of(view)), "\n");
  out += cat("  z = ", fixed(found.z, 1), ", ", report::p_statement(report::log10_of(found.ln_p)),
             " (price ", fixed(found.price, 0), "), ");
  const char* bound = found.is_bound ? "at most " : "";
  const bool is_void = found.doubt && found.doubt->kind == verify::DoubtKind::control;
  if (report::is_yes(found.level) || is_void) {
    out += cat("expected ", bound, fixed(found.expected_z, 1), " in an untouched copy\n");
  } else {
    out +=
        cat("half of a mark would have shown ", bound, fixed(found.expected_z_full / 2, 1), "\n");
  }
  if (found.doubt) out += cat("  reason: ", found.doubt->text, "\n");
  if (view.disclosure != nullptr) {
    out += cat("  disclosure: ", disclosure_words(*view.disclosure), "\n");
  }
  out += site_line(found);
  out += reading_lines(found);
  out += claim_lines(view);
  if (found.shares.size() > 1) {
    out += "  by share:";
    for (const verify::ShareZ& share : found.shares) {
      out += cat(" ", share.share, ": ", fixed(share.z, 1));
    }
    out += "\n";
  }
  out += cat("  read ", si(static_cast<double>(found.weights_read)), " of ",
             si(static_cast<double>(found.weights_total)), " marked weights in ",
             duration(view.seconds), "; frame from ", library::frame_words(found), ", ",
             to_string(found.tags), " tags\n");
  out += network_line();
  out += digest_lines(view.digests);
  for (const verify::GroupZ& group : found.groups) {
    out += cat("  ", library::group_name(group), ": z = ", fixed(group.z, 1), "\n");
  }
  if (found.doubt)
    out += cat("  next: ", library::next_step(found, view.disclosure != nullptr), "\n");
  return out;
}

}  // namespace wmk::cli
