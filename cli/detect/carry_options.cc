#include "cli/detect/carry_options.h"

#include "base/text.h"
#include "embed/scheme/label_set.h"
#include "verify/detect.h"

namespace wmk::cli {

std::vector<Option> add_carry_options(Command command, CarryOptions& options) {
  Option release = command.add_option(
      "--release", options.release,
      "the marked release: also read its own frame, carried into MODEL by neurons");
  Option original =
      command.add_option("--original", options.original,
                         "the release before it was marked, for a stronger result with --release");
  return {release, original};
}

Result<std::unique_ptr<CarryModels>> open_carry_models(const CarryOptions& options,
                                                       const CommonOptions& common,
                                                       const embed::MarkRecord* record) {
  auto out = std::make_unique<CarryModels>();
  CommonOptions silent = common;
  silent.quiet = true;
  const auto open = [&silent](const std::string& path, const char* what,
                              std::optional<OpenedModel>& model) -> Status {
    if (path.empty()) return {};
    auto opened = open_declared(path, silent);
    if (!opened) return std::move(opened).error().within(what);
    model = *std::move(opened);
    return {};
  };
  Status status = open(options.release, "release", out->release);
  if (status) status = open(options.original, "original", out->original);
  if (!status) return std::move(status).error();
  const auto subject = [](const std::optional<OpenedModel>& model) {
    return model ? std::optional(
                       verify::Subject{&model->checkpoint, &model->anatomy, &model->vocabulary})
                 : std::nullopt;
  };
  if (!options.given()) return out;
  out->frames.emplace(subject(out->release), subject(out->original));
  status = out->frames->check(record);
  if (!status) return std::move(status).error();
  return out;
}

std::vector<uint64_t> CarryModels::release_labels() const {
  const auto& model = release ? release : original;
  return model ? embed::label_hashes(model->vocabulary) : std::vector<uint64_t>();
}

std::string carried_text(const verify::CarriedSummary& carried) {
  if (!carried.why_not.empty()) return cat("no carried frame: ", carried.why_not);
  return cat("frame of the release carried by ", carried.rows,
             carried.by_tokens ? " tokens" : " neurons", ", mean cosine ",
             fixed(carried.cosine, 3));
}

void write_carried(const std::optional<verify::CarriedSummary>& carried, json::Writer& out) {
  out.key("carried");
  if (!carried) {
    out.null();
    return;
  }
  out.begin_object().member("found", carried->why_not.empty());
  out.member("neurons", carried->by_tokens ? 0 : carried->rows);
  out.member("tokens", carried->by_tokens ? carried->rows : 0);
  out.member("cosine", carried->cosine);
  out.member("confirmed", carried->confirmed).key("reason");
  carried->why_not.empty() ? out.null() : out.value(carried->why_not);
  out.end_object();
}

std::string carried_text(const verify::CarriedTokens& tokens) {
  if (!tokens.why_not.empty()) return cat("no carried labels of the output head: ", tokens.why_not);
  const std::string open =
      tokens.open > 0 ? cat("; the mark could change ", tokens.open, ", which the price counts")
                      : std::string();
  return cat("labels of the release carried by ", tokens.matched, " of ", tokens.rows,
             " rows of the output head, mean distance ", fixed(tokens.distance, 3), open);
}

void write_carried(const std::optional<verify::CarriedTokens>& tokens, json::Writer& out) {
  out.key("carried_tokens");
  if (!tokens) {
    out.null();
    return;
  }
  out.begin_object().member("found", tokens->why_not.empty());
  out.member("matched", tokens->matched).member("rows", tokens->rows);
  out.member("distance", tokens->distance).member("open", tokens->open).key("reason");
  tokens->why_not.empty() ? out.null() : out.value(tokens->why_not);
  out.end_object();
}

}  // namespace wmk::cli
