#include "cli/model/inspect_view.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/network.h"

namespace wmk::cli {

namespace {

void write_counts(const std::map<std::string, library::Counts>& counts, json::Writer& out) {
  out.begin_object();
  for (const auto& [name, count] : counts) {
    out.key(name).begin_object().member("tensors", count.tensors);
    out.member("elements", count.elements).member("bytes", count.bytes).end_object();
  }
  out.end_object();
}

void write_tensors(const library::OpenedModel& model, json::Writer& out) {
  out.key("tensors").begin_array();
  for (size_t i = 0; i < model.checkpoint.tensors().size(); ++i) {
    const auto& tensor = model.checkpoint.tensors()[i];
    out.begin_object().member("name", tensor.name).member("dtype", library::type_name(tensor));
    out.key("shape").begin_array();
    for (uint64_t extent : tensor.shape) out.value(extent);
    out.end_array().member("file", model.checkpoint.files()[tensor.file].name());
    out.member("role", library::role_name(model.anatomy.roles[i])).end_object();
  }
  out.end_array();
}

void write_notices(const checkpoint::Notices& notices, json::Writer& out) {
  out.key("notices").begin_array();
  for (const auto& notice : notices.found) {
    out.begin_object().member("kind", to_string(notice.kind)).member("file", escaped(notice.file));
    out.member("line", static_cast<uint64_t>(notice.line)).member("text", escaped(notice.text));
    out.end_object();
  }
  out.end_array().member("notices_cut", notices.is_cut);
}

void write_number(const char* key, const std::optional<uint64_t>& value, json::Writer& out) {
  out.key(key);
  value ? out.value(*value) : out.null();
}

void write_heads(const checkpoint::Anatomy& anatomy, json::Writer& out) {
  const library::HeadCounts counts(anatomy);
  out.key("heads").begin_object().member("layers", counts.layers);
  out.member("count", counts.heads);
  write_number("query_heads", counts.query_heads, out);
  write_number("kv_heads", counts.kv_heads, out);
  write_number("value_size", counts.value_size, out);
  out.member("weights", counts.weights);
  out.member("skipped_layers", static_cast<uint64_t>(anatomy.heads.skipped.size()));
  out.member("missing", anatomy.heads.missing).end_object();
}

}  // namespace

std::string inspect_json(const InspectView& view) {
  const library::Inspection& found = view.found;
  const library::OpenedModel& model = found.model;
  const auto& anatomy = model.anatomy;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/inspect/v1").member("path", view.path);
  out.member("format", model.checkpoint.format()).member("files", model.checkpoint.files().size());
  out.member("family", anatomy.family).member("model_type", model.config.model_type);
  out.member("quantisation", model.checkpoint.quantisation());
  out.member("parameters", found.all.elements);
  write_number("active_parameters", found.active, out);
  out.member("bytes", found.all.bytes);
  out.member("layers", anatomy.layer_count()).member("width", anatomy.width);
  out.member("experts", anatomy.expert_count());
  write_number("experts_per_token", model.config.experts_per_token, out);
  write_number("context", model.config.context, out);
  out.member("vocabulary", anatomy.vocabulary).member("tied_embeddings", found.tied);
  out.member("gated", anatomy.gated).member("units", anatomy.unit_count());
  out.member("labels", model.vocabulary.source.empty() ? "ids" : model.vocabulary.source);
  out.member("named_tokens", model.vocabulary.named);
  write_heads(anatomy, out);
  out.key("mark")
      .begin_object()
      .member("weights", found.plan.weights)
      .member("strength", found.plan.strength);
  out.member("shares", static_cast<uint64_t>(found.plan.shares));
  out.member("expected_z", found.plan.expected_z(found.plan.shares)).end_object();
  const embed::SitePlan& head = found.sites.at(embed::Site::output);
  out.key("output_head").begin_object().member("markable", head.not_marked.empty());
  out.key("reason");
  head.not_marked.empty() ? out.null() : out.value(head.not_marked);
  out.member("rows", found.sites.head.rows)
      .member("pairs", static_cast<uint64_t>(found.sites.output_pairs));
  out.member("expected_z", head.expected_z).end_object();
  out.key("roles");
  write_counts(found.by_role, out);
  out.key("dtypes");
  write_counts(found.by_type, out);
  write_notices(found.notices, out);
  if (view.list_tensors) write_tensors(model, out);
  write_network(out);
  return out.end_object().finish();
}

}  // namespace wmk::cli
