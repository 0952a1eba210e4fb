#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "sign/bundle/bundle.h"
#include "sign/keys/timestamp.h"

namespace wmk::cli {

namespace {

struct TimestampOptions {
  std::string signature, query, response;
  bool force = false, json = false;
};

constexpr uint64_t kResponseBytesMax = 64 << 10;

struct OpenedBundle {
  std::string text;
  sign::Bundle bundle;
};

Result<OpenedBundle> open_bundle(const std::string& path) {
  auto text = read_text(path, sign::kBundleBytesMax);
  if (!text) return std::move(text).error();
  sign::Findings findings;
  auto bundle = sign::parse_bundle(*text, findings);
  if (!bundle) return std::move(bundle).error().within(escaped(path));
  if (!*bundle) {
    return Error(ErrorCode::malformed,
                 cat(escaped(path), ": not a bundle: ", findings.reasons.front().text));
  }
  return OpenedBundle{std::move(*text), std::move(**bundle)};
}

int make_query(const TimestampOptions& options) {
  const auto opened = open_bundle(options.signature);
  if (!opened) return fail(opened.error());
  std::error_code ignored;
  if (std::filesystem::equivalent(options.signature, options.query, ignored)) {
    return fail(Error(ErrorCode::invalid_argument, "--out must not be the bundle itself"));
  }
  const auto query = sign::timestamp_query(opened->bundle.signature);
  if (!query) return fail(query.error());
  const auto status = write_whole(options.query, *query, 0644, options.force);
  if (!status) return fail(status.error());
  const std::string name = escaped(options.query);
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/timestamp-query/v1");
    out.member("signature", options.signature).member("query", options.query).end_object();
    say(out.finish());
    return kYes;
  }
  say(cat("query: ", name, " requests a timestamp for ", escaped(options.signature),
          "\n  next: curl -H 'Content-Type: application/timestamp-query' --data-binary @", name,
          " URL > R.tsr\n        weightmark timestamp attach ", escaped(options.signature),
          " R.tsr\n"));
  return kYes;
}

int attach(const TimestampOptions& options) {
  auto opened = open_bundle(options.signature);
  if (!opened) return fail(opened.error());
  auto response = read_text(options.response, kResponseBytesMax);
  if (!response) return fail(response.error());
  const auto checked = sign::checked_response(as_bytes(*response), opened->bundle.signature);
  if (!checked) return fail(Error(checked.error()).within(escaped(options.response)));
  auto text = sign::with_timestamp(std::move(opened->text), as_bytes(*response));
  if (!text) return fail(text.error());
  const auto status = write_whole(options.signature, as_bytes(*text), 0644, true);
  if (!status) return fail(status.error());
  const auto time = sign::claimed_time(as_bytes(*response));
  const std::string claimed = time ? sign::time_text(*time) : "an unreadable time";
  const uint64_t count = opened->bundle.timestamps.size() + 1;
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/timestamp-attach/v1");
    out.member("signature", options.signature).member("time", claimed);
    say(out.member("timestamps", count).end_object().finish());
    return kYes;
  }
  say(cat("attached: ", escaped(options.signature), " now has ", count,
          count == 1 ? " timestamp" : " timestamps", "\n  claimed time: ", claimed,
          "; verify --tsa-ca CA.pem checks it\n"));
  return kYes;
}

}  // namespace

void add_timestamp_command(Command app, Action& action) {
  auto options = std::make_shared<TimestampOptions>();
  Command command =
      app.add_subcommand("timestamp", "request and attach RFC 3161 timestamps for a bundle");
  command.example("weightmark timestamp query model.sig -o model.tsq");
  command.require_one_subcommand();
  Command query = command.add_subcommand("query", "write a query for a timestamp authority");
  query.example("weightmark timestamp query model.sig -o model.tsq");
  query.add_option("signature", options->signature, "the bundle").required();
  query.add_option("-o,--out", options->query, "file to write").required();
  query.add_flag("--force", options->force, "replace an existing file");
  query.add_flag("--json", options->json, "print one JSON document instead of text");
  query.callback([options, &action] { action = [options] { return make_query(*options); }; });
  Command answer = command.add_subcommand("attach", "add an authority's response to the bundle");
  answer.example("weightmark timestamp attach model.sig model.tsr");
  answer.add_option("signature", options->signature, "the bundle").required();
  answer.add_option("response", options->response, "the authority's response").required();
  answer.add_flag("--json", options->json, "print one JSON document instead of text");
  answer.callback([options, &action] { action = [options] { return attach(*options); }; });
}

}  // namespace wmk::cli
