#include "weightmark/inspect.h"

#include "base/text.h"
#include "library/facade/convert.h"
#include "library/facade/model_access.h"
#include "library/models/inspection.h"

namespace weightmark {

namespace {

namespace library = wmk::library;

std::vector<TensorCount> counts_of(const std::map<std::string, library::Counts>& counts) {
  std::vector<TensorCount> out;
  for (const auto& [name, count] : counts) {
    out.push_back({name, count.tensors, count.elements, count.bytes});
  }
  return out;
}

void add_sizes(const library::Inspection& found, Inspection& out) {
  const auto& [local, base, checkpoint, config, anatomy, vocabulary] = found.model;
  out.format = checkpoint.format();
  out.family = anatomy.family;
  out.model_type = config.model_type;
  out.quantisation = checkpoint.quantisation();
  out.files = checkpoint.files().size();
  out.bytes = found.all.bytes;
  out.parameters = found.all.elements;
  out.active_parameters = found.active;
  out.layers = anatomy.layer_count();
  out.width = anatomy.width;
  out.experts = anatomy.expert_count();
  out.experts_per_token = config.experts_per_token;
  out.context = config.context;
  out.vocabulary = anatomy.vocabulary;
  out.labels = vocabulary.source.empty() ? "ids" : vocabulary.source;
  out.named_tokens = vocabulary.named;
  out.tied_embeddings = found.tied;
  out.gated = anatomy.gated;
  out.units = anatomy.unit_count();
  const library::HeadCounts heads(anatomy);
  out.heads = {heads.layers,   heads.heads,      heads.weights,        heads.query_heads,
               heads.kv_heads, heads.value_size, anatomy.heads.missing};
}

void add_mark(const library::Inspection& found, Inspection& out) {
  out.weights = found.plan.weights;
  out.strength = found.plan.strength;
  out.shares = found.plan.shares;
  out.output_rows = found.sites.head.rows;
  out.output_pairs = found.sites.output_pairs;
  for (const auto& site : found.sites.sites) {
    out.sites.push_back({std::string(to_string(site.site)), site.not_marked, site.expected_z});
  }
}

void add_tensors(const library::OpenedModel& model, Inspection& out) {
  const auto& tensors = model.checkpoint.tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    out.tensors.push_back({tensors[i].name, library::type_name(tensors[i]), tensors[i].shape,
                           model.checkpoint.files()[tensors[i].file].name(),
                           library::role_name(model.anatomy.roles[i])});
  }
  for (const auto& units : model.anatomy.skipped) {
    out.skipped.push_back({units.label, units.reason});
  }
  for (const auto& heads : model.anatomy.heads.skipped) {
    out.skipped.push_back({wmk::cat("layer ", heads.layer, ", heads"), heads.reason});
  }
}

}  // namespace

Result<Inspection> inspect(const Model& model) {
  return library::without_exceptions([&]() -> Result<Inspection> {
    const auto access = library::ModelAccess::open(model);
    if (!access) return library::public_error(access.error());
    const auto opened = library::open_model(access->place());
    if (!opened) return library::public_error(opened.error());
    const auto found = library::inspect(*opened);
    if (!found) return library::public_error(found.error());
    Inspection out;
    add_sizes(*found, out);
    add_mark(*found, out);
    add_tensors(*opened, out);
    out.roles = counts_of(found->by_role);
    out.dtypes = counts_of(found->by_type);
    for (const auto& notice : found->notices.found) {
      out.notices.push_back({std::string(to_string(notice.kind)), wmk::escaped(notice.file),
                             notice.line, wmk::escaped(notice.text)});
    }
    out.notices_cut = found->notices.is_cut;
    out.notes = opened->notes();
    return out;
  });
}

}  // namespace weightmark
