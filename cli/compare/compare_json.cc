// The result of compare as JSON (specs/cli.md 9).
#include "base/json.h"
#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "cli/network.h"

namespace wmk::cli {

namespace {

using lineage::TestResult;

void write_background(const lineage::Background& background, json::Writer& out) {
  out.begin_object().member("low", background.low).member("high", background.high);
  out.member("from", background.from).end_object();
}

void write_tests(const lineage::Comparison& found, json::Writer& out) {
  out.key("tests").begin_array();
  for (const TestResult& test : found.tests) {
    out.begin_object().member("name", test.name).member("statistic", test.statistic);
    out.member("value", test.value).key("log10_p");
    test.log10_p ? out.value(*test.log10_p) : out.null();
    out.member("verdict", to_string(test.outcome)).member("note", test.note);
    out.member("family", to_string(test.family)).member("kind", to_string(test.kind));
    out.member("null", test.null)
        .member("gauge", to_string(test.basis))
        .member("effect", test.effect);
    out.member("hypotheses", test.tried).member("stands_out", test.stands_out);
    out.key("background");
    test.background ? write_background(*test.background, out) : void(out.null());
    out.end_object();
  }
  out.end_array();
}

void write_families(const lineage::Comparison& found, json::Writer& out) {
  out.key("families").begin_array();
  for (const lineage::FamilyFinding& family : found.judgement.families) {
    out.begin_object().member("name", to_string(family.family));
    out.member("comparable", family.comparable).member("hit", family.hit);
    out.member("null", family.null).member("log10_p", family.log10_p);
    out.member("reason", family.reason).end_object();
  }
  out.end_array();
}

void write_experts(const lineage::Comparison& found, json::Writer& out) {
  out.key("experts").begin_array();
  for (const lineage::ExpertShare& share : found.shares) {
    out.begin_object().member("layer", share.layer).key("expert");
    share.expert ? out.value(*share.expert) : out.null();
    out.member("shared", share.shared).member("sampled", share.sampled);
    out.member("share", share.share).end_object();
  }
  out.end_array();
}

void write_layer_scores(const lineage::LayerScores& scores, json::Writer& out) {
  out.key("layer_scores").begin_object().member("what", scores.what);
  out.member("missing", scores.missing).member("chance", static_cast<double>(scores.chance));
  out.key("suspect_layers").begin_array();
  for (const uint64_t layer : scores.rows) out.value(layer);
  out.end_array().key("reference_layers").begin_array();
  for (const uint64_t layer : scores.columns) out.value(layer);
  out.end_array().key("values").begin_array();
  for (const float value : scores.values) out.value(static_cast<double>(value));
  out.end_array().end_object();
}

// Untrusted text, with control characters escaped.
void write_notices(const CompareView& view, json::Writer& out) {
  out.key("notices").begin_array();
  for (const auto& [notice, names, in_reference] : view.notices) {
    out.begin_object().member("file", escaped(notice.file));
    out.member("line", static_cast<uint64_t>(notice.line)).member("kind", to_string(notice.kind));
    out.member("text", escaped(notice.text)).member("names", escaped(names));
    out.key("in_reference");
    if (in_reference) {
      out.begin_object().member("file", escaped(in_reference->file));
      out.member("line", static_cast<uint64_t>(in_reference->line)).end_object();
    } else {
      out.null();
    }
    out.end_object();
  }
  out.end_array().member("notices_cut", view.notices_cut);
}

}  // namespace

std::string compare_json(const CompareView& view) {
  const lineage::Comparison& found = view.found;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/compare/v1");
  out.member("verdict", to_string(found.judgement.verdict));
  out.member("reason", found.judgement.reason);
  const auto text_or_null = [&](std::string_view name, const std::string& text) {
    out.key(name);
    text.empty() ? void(out.null()) : void(out.value(text));
  };
  text_or_null("shared_component", found.judgement.component);
  text_or_null("direction", library::direction_of(view.found, view.parents));
  text_or_null("base", view.base);
  text_or_null("reference_base", view.reference_base);
  out.member("gauge", to_string(found.basis)).key("gauges_tried").begin_array();
  for (const lineage::BasisKind basis : found.bases_tried) out.value(to_string(basis));
  out.end_array();
  write_tests(found, out);
  write_families(found, out);
  if (view.by_expert) write_experts(found, out);
  write_layer_scores(found.layer_scores, out);
  write_parents(view, out);
  write_notices(view, out);
  out.member("suspect", view.suspect.path).member("reference", view.reference.path);
  out.member("seed", view.seed);
  write_network(out);
  return out.member("seconds", view.seconds).end_object().finish();
}

}  // namespace wmk::cli
