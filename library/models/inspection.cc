#include "library/models/inspection.h"

namespace wmk::library {

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

Inspection::Inspection(const OpenedModel& opened, embed::MarkPlan mark_plan,
                       embed::SitePlans site_plans, checkpoint::Notices lines)
    : model(opened), plan(mark_plan), sites(std::move(site_plans)), notices(std::move(lines)) {
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

Result<Inspection> inspect(const OpenedModel& model) {
  const auto plan = embed::plan_mark(model.anatomy, std::nullopt, std::nullopt);
  if (!plan) return plan.error();
  auto sites = embed::plan_sites(model.checkpoint, model.anatomy, *plan, embed::all_sites(), false);
  if (!sites) return std::move(sites).error();
  auto notices = checkpoint::find_notices(model.checkpoint.folder());
  if (!notices) return std::move(notices).error();
  return Inspection(model, *plan, *std::move(sites), *std::move(notices));
}

}  // namespace wmk::library
