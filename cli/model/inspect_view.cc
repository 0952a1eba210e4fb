#include "cli/model/inspect_view.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/network.h"

namespace wmk::cli {

namespace {

using checkpoint::Role;

std::optional<uint64_t> active_parameters(const OpenedModel& model, uint64_t all) {
  const auto& anatomy = model.anatomy;
  const uint64_t experts = anatomy.expert_count();
  if (experts == 0) return all;
  const auto chosen = model.config.experts_per_token;
  if (!chosen || *chosen > experts) return std::nullopt;
  uint64_t routed = 0;
  for (const auto& group : anatomy.groups) {
    if (group.expert) routed += group.units * anatomy.width * (group.gate ? 3 : 2);
  }
  return all - routed / experts * (experts - *chosen);
}

void write_counts(const std::map<std::string, Counts>& counts, json::Writer& out) {
  out.begin_object();
  for (const auto& [name, count] : counts) {
    out.key(name).begin_object().member("tensors", count.tensors);
    out.member("elements", count.elements).member("bytes", count.bytes).end_object();
  }
  out.end_object();
}

void write_tensors(const OpenedModel& model, json::Writer& out) {
  out.key("tensors").begin_array();
  for (size_t i = 0; i < model.checkpoint.tensors().size(); ++i) {
    const auto& tensor = model.checkpoint.tensors()[i];
    out.begin_object().member("name", tensor.name).member("dtype", type_name(tensor));
    out.key("shape").begin_array();
    for (uint64_t extent : tensor.shape) out.value(extent);
    out.end_array().member("file", model.checkpoint.files()[tensor.file].name());
    out.member("role", role_name(model.anatomy.roles[i])).end_object();
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
  const HeadCounts counts(anatomy);
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

HeadCounts::HeadCounts(const checkpoint::Anatomy& anatomy)
    : layers(anatomy.heads.layers.size()),
      heads(anatomy.heads.count()),
      weights(anatomy.heads.weight_count(anatomy.width)) {
  if (layers == 0) return;
  const auto of_all = [&](uint64_t checkpoint::HeadLayer::*size) -> std::optional<uint64_t> {
    const uint64_t first = anatomy.heads.layers[0].*size;
    for (const auto& layer : anatomy.heads.layers) {
      if (layer.*size != first) return std::nullopt;
    }
    return first;
  };
  query_heads = of_all(&checkpoint::HeadLayer::heads);
  kv_heads = of_all(&checkpoint::HeadLayer::kv_heads);
  value_size = of_all(&checkpoint::HeadLayer::value_size);
}

std::string role_name(const std::optional<Role>& role) {
  return role ? std::string(to_string(*role)) : "unrecognised";
}

std::string type_name(const checkpoint::Tensor& tensor) {
  return std::string(tensor.encoding ? tensor.encoding->name()
                                     : checkpoint::to_string(tensor.dtype));
}

InspectView::InspectView(const OpenedModel& opened, std::string given, bool list,
                         embed::MarkPlan mark_plan, embed::SitePlans site_plans,
                         checkpoint::Notices lines)
    : model(opened),
      path(std::move(given)),
      list_tensors(list),
      plan(mark_plan),
      sites(std::move(site_plans)),
      notices(std::move(lines)) {
  const auto& tensors = model.checkpoint.tensors();
  bool has_head = false;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto& role = model.anatomy.roles[i];
    has_head = has_head || role == Role::head;
    for (Counts* counts : {&all, &by_role[role_name(role)], &by_type[type_name(tensors[i])]}) {
      ++counts->tensors;
      counts->elements += tensors[i].elements();
      counts->bytes += tensors[i].stored_bytes();
    }
  }
  active = active_parameters(model, all.elements);
  tied = sites.head.missing.empty() ? sites.head.tied : !has_head;
}

std::string InspectView::json() const {
  const auto& anatomy = model.anatomy;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/inspect/v1").member("path", path);
  out.member("format", model.checkpoint.format()).member("files", model.checkpoint.files().size());
  out.member("family", anatomy.family).member("model_type", model.config.model_type);
  out.member("quantisation", model.checkpoint.quantisation());
  out.member("parameters", all.elements);
  write_number("active_parameters", active, out);
  out.member("bytes", all.bytes);
  out.member("layers", anatomy.layer_count()).member("width", anatomy.width);
  out.member("experts", anatomy.expert_count());
  write_number("experts_per_token", model.config.experts_per_token, out);
  write_number("context", model.config.context, out);
  out.member("vocabulary", anatomy.vocabulary).member("tied_embeddings", tied);
  out.member("gated", anatomy.gated).member("units", anatomy.unit_count());
  out.member("labels", model.vocabulary.source.empty() ? "ids" : model.vocabulary.source);
  out.member("named_tokens", model.vocabulary.named);
  write_heads(anatomy, out);
  out.key("mark").begin_object().member("weights", plan.weights).member("strength", plan.strength);
  out.member("shares", static_cast<uint64_t>(plan.shares));
  out.member("expected_z", plan.expected_z(plan.shares)).end_object();
  const embed::SitePlan& head = sites.at(embed::Site::output);
  out.key("output_head").begin_object().member("markable", head.not_marked.empty());
  out.key("reason");
  head.not_marked.empty() ? out.null() : out.value(head.not_marked);
  out.member("rows", sites.head.rows).member("pairs", static_cast<uint64_t>(sites.output_pairs));
  out.member("expected_z", head.expected_z).end_object();
  out.key("roles");
  write_counts(by_role, out);
  out.key("dtypes");
  write_counts(by_type, out);
  write_notices(notices, out);
  if (list_tensors) write_tensors(model, out);
  write_network(out);
  return out.end_object().finish();
}

}  // namespace wmk::cli
