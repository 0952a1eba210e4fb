#include "base/json.h"
#include "base/text.h"
#include "cli/arbitrate/case_answer.h"
#include "report/probability.h"

namespace wmk::cli {

namespace {

void write_signer(const claims::KnownSigner& signer, json::Writer& out) {
  out.key("signer").begin_object().member("name", signer.name);
  out.member("fingerprint", signer.fingerprint).key("role");
  signer.role == claims::Role::none ? out.null() : out.value(to_string(signer.role));
  out.end_object();
}

void write_findings(const CaseAnswer& answer, json::Writer& out) {
  out.key("findings").begin_array();
  for (const claims::Finding& each : answer.decision.findings) {
    out.begin_object().member("name", each.name).member("verdict", to_string(each.verdict));
    out.member("code", each.code).member("text", each.text);
    out.key("evidence").begin_array();
    for (const std::string& digest : each.evidence) out.value(digest);
    out.end_array();
    if (each.signer) write_signer(*each.signer, out);
    out.end_object();
  }
  out.end_array();
}

void write_weight(const std::optional<claims::Weight>& weight, json::Writer& out) {
  out.key("weight");
  if (!weight) {
    out.null();
    return;
  }
  out.begin_object().key("commitments");
  weight->commitments ? out.value(*weight->commitments) : out.null();
  out.member("log10_tries", report::log10_of(weight->ln_tries));
  out.member("log10_p", report::log10_of(weight->ln_p)).member("lambda", weight->lambda);
  out.member("log10_e", report::log10_of(weight->ln_e)).end_object();
}

void write_link(const claims::LinkFacts& link, json::Writer& out) {
  out.key("link").begin_object().member("verdict", to_string(link.level));
  out.member("z", link.z).member("expected_z", link.expected_z);
  out.member("log10_p", report::log10_of(link.ln_p)).member("price", link.price);
  out.member("frame", link.frame).member("release_frame", link.is_release_frame);
  out.key("conditions").begin_array();
  for (const verify::Condition each : link.claim.conditions) out.value(to_string(each));
  out.end_array().key("controls").begin_array();
  for (const claims::ControlFacts& each : link.controls) {
    out.begin_object().member("path", each.path).member("root", to_hex(each.root));
    out.member("z", each.z).member("null", each.is_null).end_object();
  }
  out.end_array().end_object();
}

// Rows: the claimant's key, then the opponent's.
void write_cross(const claims::CrossTable& table, json::Writer& out) {
  out.key("cross").begin_array();
  for (const auto& row : table.cells) {
    out.begin_object();
    for (size_t model = 0; model < row.size(); ++model) {
      out.key(claims::kCrossModels[model]);
      if (!row[model]) {
        out.null();
        continue;
      }
      out.begin_object().member("z", row[model]->z).member("shown", row[model]->is_shown);
      out.end_object();
    }
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string case_json(const CaseAnswer& answer) {
  const library::Case& all = answer.all;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/arbitrate/v1");
  out.member("verdict", to_string(answer.decision.ruling));
  out.member("finding",
             cat(answer.sentence(), ". ", library::ruling_meaning(answer.decision.ruling)));
  write_findings(answer, out);
  out.key("limits").begin_array();
  for (const std::string& each : answer.decision.limits) out.value(each);
  out.end_array();
  write_weight(answer.decision.weight, out);
  if (all.facts->link) write_link(*all.facts->link, out);
  if (all.facts->cross) write_cross(*all.facts->cross, out);
  out.member("claim", answer.options.claim).member("suspect", answer.options.suspect);
  if (!all.facts->suspect.root.empty()) out.member("suspect_root", to_hex(all.facts->suspect.root));
  out.key("notes").begin_array();
  for (const std::string& each : all.notes) out.value(each);
  out.end_array();
  return out.member("seconds", answer.seconds).end_object().finish();
}

}  // namespace wmk::cli
