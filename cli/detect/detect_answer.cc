// What `detect` found, as text and as JSON.
#include "base/json.h"
#include "base/text.h"
#include "cli/detect/detect_view.h"
#include "cli/detect/detect_words.h"
#include "cli/verdict_text.h"

namespace wmk::cli {

namespace {

void write_groups(const verify::Detection& found, json::Writer& out) {
  out.key("layers").begin_array();
  for (const verify::GroupZ& group : found.groups) {
    out.begin_object().member("layer", group.layer).key("expert");
    group.expert ? out.value(*group.expert) : out.null();
    out.member("shared", group.shared)
        .member("part", group.part)
        .member("weights", group.weights)
        .member("z", group.z);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string detect_json(const DetectView& view) {
  const verify::Detection& found = view.found;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/detect/v1");
  out.member("verdict", words_of(found.level).code).member("z", found.z);
  out.member("log10_p", report::log10_of(found.ln_p)).member("hypotheses", found.hypotheses);
  out.member("frame", to_string(found.frame)).member("tags", to_string(found.tags));
  out.member("expected_z", found.expected_z).member("expected_z_full", found.expected_z_full);
  out.member("weights_read", found.weights_read).member("weights_total", found.weights_total);
  out.member("bytes_read", found.bytes_read);
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
  out.key("model").begin_object().member("path", view.path).key("digest").null().end_object();
  return out.member("seconds", view.seconds).end_object().finish();
}

std::string detect_text(const DetectView& view) {
  const verify::Detection& found = view.found;
  std::string out =
      cat(words_of(found.level).name, ": ", finding(found.level, view.fingerprint), "\n");
  out += cat("  z = ", fixed(found.z, 1), ", ", report::p_statement(report::log10_of(found.ln_p)),
             " (", fixed(found.hypotheses, 0), " hypotheses), ");
  if (report::is_yes(found.level)) {
    out += cat("expected ", fixed(found.expected_z, 1), " in an untouched copy\n");
  } else {
    out += cat("half of a mark would have shown ", fixed(found.expected_z_full / 2, 1), "\n");
  }
  if (found.shares.size() > 1) {
    out += "  by share:";
    for (const verify::ShareZ& share : found.shares) {
      out += cat(" ", share.share, ": ", fixed(share.z, 1));
    }
    out += "\n";
  }
  out += cat("  read ", si(static_cast<double>(found.weights_read)), " of ",
             si(static_cast<double>(found.weights_total)), " marked weights in ",
             duration(view.seconds), "; frame from ", frame_text(found.frame), ", ",
             to_string(found.tags), " tags\n");
  for (const verify::GroupZ& group : found.groups) {
    out += cat("  ", group_name(group), ": z = ", fixed(group.z, 1), "\n");
  }
  if (found.level == report::Level::undecided) {
    out +=
        "  next: give the mark's record (--record), or use weightmark compare with the release\n";
  }
  return out;
}

}  // namespace wmk::cli
