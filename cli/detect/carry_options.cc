#include "cli/detect/carry_options.h"

#include "base/text.h"

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

Result<std::unique_ptr<library::CarryModels>> open_carry_models(const CarryOptions& options,
                                                                const CommonOptions& common,
                                                                const embed::MarkRecord* record) {
  return library::open_carry_models(place_of(options.release, common),
                                    place_of(options.original, common), record);
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
