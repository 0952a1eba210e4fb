#include <map>

#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "embed/strength.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model, base;
  bool tensors = false;
};

struct Counts {
  uint64_t tensors = 0;
  uint64_t elements = 0;
  uint64_t bytes = 0;
};

std::string role_name(const std::optional<checkpoint::Role>& role) {
  return role ? std::string(name(*role)) : "unrecognised";
}

std::string type_name(const checkpoint::Tensor& tensor) {
  return std::string(tensor.encoding ? tensor.encoding->name() : checkpoint::name(tensor.dtype));
}

struct Overview {
  std::map<std::string, Counts> by_role, by_dtype;
  Counts all;

  explicit Overview(const OpenedModel& model) {
    const auto& tensors = model.checkpoint.tensors();
    for (size_t i = 0; i < tensors.size(); ++i) {
      Counts& role = by_role[role_name(model.anatomy.roles[i])];
      Counts& dtype = by_dtype[type_name(tensors[i])];
      for (Counts* counts : {&all, &role, &dtype}) {
        ++counts->tensors;
        counts->elements += tensors[i].elements();
        counts->bytes += tensors[i].stored_bytes();
      }
    }
  }
};

std::string shape_text(const checkpoint::Tensor& tensor) {
  std::string out = "[";
  for (size_t i = 0; i < tensor.shape.size(); ++i) out += cat(i ? ", " : "", tensor.shape[i]);
  return out + "]";
}

void write_counts(const std::map<std::string, Counts>& counts, json::Writer& out) {
  out.begin_object();
  for (const auto& [name, count] : counts) {
    out.key(name).begin_object().member("tensors", count.tensors);
    out.member("elements", count.elements).member("bytes", count.bytes).end_object();
  }
  out.end_object();
}

std::string as_json(const OpenedModel& model, const Options& options, const embed::MarkPlan& plan) {
  const Overview view(model);
  const auto& anatomy = model.anatomy;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/inspect/v1").member("path", options.model);
  out.member("format", model.checkpoint.format()).member("files", model.checkpoint.files().size());
  out.member("family", anatomy.family).member("model_type", model.config.model_type);
  out.member("parameters", view.all.elements).member("bytes", view.all.bytes);
  out.member("layers", anatomy.layer_count()).member("width", anatomy.width);
  out.member("experts", anatomy.expert_count()).member("vocabulary", anatomy.vocabulary);
  out.member("gated", anatomy.gated).member("units", anatomy.unit_count());
  out.member("labels", model.vocabulary.source.empty() ? "ids" : model.vocabulary.source);
  out.member("named_tokens", model.vocabulary.named);
  out.key("mark").begin_object().member("weights", plan.weights).member("strength", plan.strength);
  out.member("shares", static_cast<uint64_t>(plan.shares));
  out.member("expected_z", plan.expected_z(plan.shares)).end_object();
  out.key("roles");
  write_counts(view.by_role, out);
  out.key("dtypes");
  write_counts(view.by_dtype, out);
  if (options.tensors) {
    out.key("tensors").begin_array();
    for (size_t i = 0; i < model.checkpoint.tensors().size(); ++i) {
      const auto& tensor = model.checkpoint.tensors()[i];
      out.begin_object().member("name", tensor.name).member("dtype", type_name(tensor));
      out.key("shape").begin_array();
      for (uint64_t extent : tensor.shape) out.value(extent);
      out.end_array().member("file", model.checkpoint.files()[tensor.file].name());
      out.member("role", role_name(anatomy.roles[i])).end_object();
    }
    out.end_array();
  }
  return out.end_object().finish();
}

std::string as_text(const OpenedModel& model, const Options& options, const embed::MarkPlan& plan) {
  const Overview view(model);
  const auto& anatomy = model.anatomy;
  const size_t files = model.checkpoint.files().size();
  std::string out = cat(anatomy.family, " checkpoint with ",
                        si(static_cast<double>(view.all.elements)), " parameters\n");
  out +=
      cat("  ", model.checkpoint.format(), ", ", files, files == 1 ? " file, " : " files, ",
          si(static_cast<double>(view.all.bytes), "B"), "; model_type ",
          model.config.model_type.empty() ? "not given" : escaped(model.config.model_type), "\n");
  out += cat("  ", anatomy.layer_count(), " layers of width ", anatomy.width, ", ",
             anatomy.expert_count(), " routed experts, ",
             si(static_cast<double>(anatomy.unit_count())), anatomy.gated ? " gated" : "",
             " units, vocabulary ", anatomy.vocabulary, " (", model.vocabulary.named, " named by ",
             model.vocabulary.source.empty() ? "no tokenizer" : model.vocabulary.source, ")\n");
  out += cat("  mark capacity: ", si(static_cast<double>(plan.weights)),
             " weights; at the automatic strength ", fixed(plan.strength * 100, 3), " %, ",
             plan.shares, plan.shares == 1 ? " share" : " shares", ", expected z ",
             fixed(plan.expected_z(plan.shares), 1), "\n");
  const auto table = [&](const char* title, const std::map<std::string, Counts>& counts) {
    out += cat("  ", title, ":\n");
    for (const auto& [name, count] : counts) {
      out += cat("    ", name, ": ", count.tensors, count.tensors == 1 ? " tensor, " : " tensors, ",
                 si(static_cast<double>(count.elements)), " elements\n");
    }
  };
  table("types", view.by_dtype);
  table("roles", view.by_role);
  if (!options.tensors) return out;
  out += "  tensors:\n";
  for (size_t i = 0; i < model.checkpoint.tensors().size(); ++i) {
    const auto& tensor = model.checkpoint.tensors()[i];
    out += cat("    ", escaped(tensor.name), "  ", type_name(tensor), " ", shape_text(tensor), "  ",
               role_name(anatomy.roles[i]), "\n");
  }
  return out;
}

int inspect(const Options& options) {
  auto model = open_model(options.model, options.common, options.base);
  if (!model) return fail(model.error());
  auto plan = embed::plan_mark(model->anatomy.weight_count(), std::nullopt, std::nullopt);
  if (!plan) return fail(plan.error());
  say(options.common.json ? as_json(*model, options, *plan) : as_text(*model, options, *plan));
  return kYes;
}

}  // namespace

void add_inspect_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("inspect", "what is this checkpoint?");
  command->add_option("model", options->model, "folder, weights file or index")->required();
  command->add_option("--base", options->base,
                      "MODEL is an adapter (LoRA, DoRA): the model that it changes");
  command->add_flag("--tensors", options->tensors, "list every tensor with its role");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace wmk::cli
