#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"
#include "cli/model/inspect_view.h"
#include "cli/network.h"

namespace wmk::cli {

namespace {

std::string si_count(uint64_t value) { return si(static_cast<double>(value)); }

std::string table(const char* title, const std::map<std::string, library::Counts>& counts) {
  std::string out = cat("  ", title, ":\n");
  for (const auto& [name, count] : counts) {
    out += cat("    ", name, ": ", count.tensors, count.tensors == 1 ? " tensor, " : " tensors, ",
               si_count(count.elements), " elements\n");
  }
  return out;
}

std::string experts_text(const library::OpenedModel& model) {
  const auto chosen = model.config.experts_per_token;
  return cat(model.anatomy.expert_count(), " routed experts",
             model.anatomy.expert_count() > 0 && chosen ? cat(" (", *chosen, " at a time)") : "");
}

std::string notices_text(const checkpoint::Notices& notices) {
  if (notices.found.empty()) return "";
  std::string out = "  notices (not proof of origin):\n";
  for (const auto& notice : notices.found) {
    out += cat("    ", escaped(notice.file), ":", notice.line, ": ", escaped(notice.text), " (",
               to_string(notice.kind), ")\n");
  }
  if (notices.is_cut) out += "    and more\n";
  return out;
}

std::string head_text(const checkpoint::Anatomy& anatomy) {
  const library::HeadCounts counts(anatomy);
  const auto& heads = anatomy.heads;
  if (counts.layers == 0) return cat("  heads: not read: ", heads.missing, "\n");
  std::string out = cat("  heads: ", counts.layers, counts.layers == 1 ? " layer" : " layers");
  if (counts.query_heads && counts.kv_heads && counts.value_size) {
    out += cat(" of ", *counts.query_heads, " query and ", *counts.kv_heads,
               " key/value heads with ", *counts.value_size, " values");
  } else {
    out += cat(" of different sizes, ", counts.heads, " query heads");
  }
  out += cat(", ", si_count(counts.weights), " weights\n");
  if (heads.skipped.empty()) return out;
  return out + cat("    ", heads.skipped.size(), " more not read; layer ", heads.skipped[0].layer,
                   ": ", heads.skipped[0].reason, "\n");
}

}  // namespace

std::string inspect_text(const InspectView& view) {
  const library::Inspection& found = view.found;
  const library::OpenedModel& model = found.model;
  const auto& anatomy = model.anatomy;
  const auto& config = model.config;
  const size_t files = model.checkpoint.files().size();
  std::string out =
      cat(anatomy.family, " checkpoint with ", si_count(found.all.elements), " parameters");
  if (found.active && *found.active != found.all.elements)
    out += cat(", ", si_count(*found.active), " active");
  out += cat("\n  ", model.checkpoint.format(), ", ", files, files == 1 ? " file, " : " files, ",
             si(static_cast<double>(found.all.bytes), "B"), "; model_type ",
             config.model_type.empty() ? "not given" : escaped(config.model_type));
  if (!model.checkpoint.quantisation().empty()) {
    out += cat("\n  quantisation: ", model.checkpoint.quantisation(), "; ",
               model.checkpoint.stored_tensors().size(), " tensors in the files");
  }
  out += cat("\n  ", anatomy.layer_count(), " layers of width ", anatomy.width, ", ",
             experts_text(model), ", ", si_count(anatomy.unit_count()),
             anatomy.gated ? " gated" : "", " units");
  if (config.context) out += cat(", context ", *config.context);
  out += cat("\n  vocabulary ", anatomy.vocabulary, " (", model.vocabulary.named, " named by ",
             model.vocabulary.source.empty() ? "no tokenizer" : escaped(model.vocabulary.source),
             "), ", found.tied ? "tied" : "untied", " embeddings\n");
  out += head_text(anatomy);
  out += cat("  mark capacity: ", si_count(found.plan.weights),
             " weights; at the automatic strength ", fixed(found.plan.strength * 100, 3), " %, ",
             found.plan.shares, found.plan.shares == 1 ? " share" : " shares", ", expected z ",
             fixed(found.plan.expected_z(found.plan.shares), 1), "\n");
  const embed::SitePlan& head = found.sites.at(embed::Site::output);
  out += head.not_marked.empty()
             ? cat("  output head: ", found.sites.output_pairs, " pairs, expected z ",
                   fixed(head.expected_z, 1), "\n")
             : cat("  output head: cannot carry a mark (", head.not_marked, ")\n");
  out += network_line();
  out +=
      table("types", found.by_type) + table("roles", found.by_role) + notices_text(found.notices);
  if (!view.list_tensors) return out;
  out += "  tensors:\n";
  for (size_t i = 0; i < model.checkpoint.tensors().size(); ++i) {
    const auto& tensor = model.checkpoint.tensors()[i];
    out +=
        cat("    ", escaped(tensor.name), "  ", library::type_name(tensor), " ",
            checkpoint::shape_text(tensor.shape), "  ", library::role_name(anatomy.roles[i]), "\n");
  }
  return out;
}

}  // namespace wmk::cli
