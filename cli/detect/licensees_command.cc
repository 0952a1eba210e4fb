// licensees: makes the register of licensees, adds to it, and opens one entry.
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "library/models/licensee_ids.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string path, add, publish, open, out, opening;
};

constexpr std::string_view kOpeningSchema = "weightmark/licensee-opening/v1";

Error no_entry(std::string_view id) {
  return Error(ErrorCode::invalid_argument,
               cat("licensee '", escaped(id), "' is not in the register"));
}

Status write_opening(const Options& options, const embed::LicenseeRegister& read,
                     const crypto::SecretBytes& key) {
  if (options.out.empty()) return Error(ErrorCode::invalid_argument, "--open needs --out FILE");
  const auto opening = embed::opening_of(read, options.open, key);
  const auto entry = embed::opened_entry(read, opening);
  if (!entry) return no_entry(options.open);
  json::Writer out;
  out.begin_object().member("schema", kOpeningSchema).member("id", options.open);
  out.member("entry", static_cast<uint64_t>(*entry)).member("salt", to_hex(opening.salt));
  out.member("code_key", to_hex(opening.code_key));
  const std::string text = out.end_object().finish();
  return write_whole(options.out, as_bytes(text), 0600, false);
}

Result<embed::Opening> read_opening(const std::string& path) {
  auto text = read_text(path, 64 << 10);
  if (!text) return std::move(text).error();
  auto document = json::Document::parse(*std::move(text));
  if (!document) return std::move(document).error().within(escaped(path));
  embed::Opening out;
  const json::Value root = document->root();
  const auto text_of = [&](std::string_view name) {
    const auto found = root.is(json::Kind::object) ? root.find(name) : std::nullopt;
    return std::string(found ? found->string().value_or("") : "");
  };
  const auto salt = from_hex(text_of("salt")), code_key = from_hex(text_of("code_key"));
  if (text_of("schema") != kOpeningSchema || !salt || !code_key) {
    return Error(ErrorCode::malformed, cat(escaped(path), ": not the opening of a licensee"));
  }
  return embed::Opening{text_of("id"), *salt, *code_key};
}

// Needs no key.
int check_opening(const Options& options, const embed::LicenseeRegister& read) {
  auto opening = read_opening(options.opening);
  if (!opening) return fail(opening.error());
  const auto entry = embed::opened_entry(read, *opening);
  if (options.common.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/licensees/v1").member("id", opening->id);
    out.member("opened", entry.has_value()).key("entry");
    entry ? out.value(static_cast<uint64_t>(*entry)) : out.null();
    say(out.end_object().finish());
  } else if (entry) {
    say(cat("good: entry ", *entry, " of ", read.commitments.size(), " is licensee '",
            escaped(opening->id), "'\n"));
  } else {
    say(cat("bad: no entry of the register is licensee '", escaped(opening->id),
            "' with this salt and key\n"));
  }
  return entry ? kYes : kNo;
}

Result<size_t> add_ids(const Options& options, const crypto::SecretBytes& key,
                       embed::LicenseeRegister& read) {
  if (options.add.empty()) return size_t{0};
  auto ids = library::read_licensees(options.add);
  if (!ids) return std::move(ids).error();
  auto added = embed::add_licensees(read, *ids, key, options.common.thread_count());
  if (!added || *added == 0) return added;
  if (auto status = embed::write_register(options.path, read, false, true); !status) {
    return std::move(status).error();
  }
  return added;
}

int run_licensees(const Options& options) {
  if (!options.opening.empty()) {
    auto read = embed::read_register(options.path);
    return read ? check_opening(options, *read) : fail(read.error());
  }
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  const bool is_new = !options.add.empty() && !std::filesystem::exists(options.path);
  auto read = is_new ? embed::new_register(*key)
                     : library::open_register(options.path, *key, options.common.thread_count());
  if (!read) return fail(read.error());
  auto added = add_ids(options, *key, *read);
  if (!added) return fail(added.error());
  if (!options.publish.empty()) {
    auto status = embed::write_register(options.publish, *read, true, false);
    if (!status) return fail(status.error());
  }
  if (!options.open.empty()) {
    if (auto status = write_opening(options, *read, *key); !status) return fail(status.error());
  }
  if (options.common.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/licensees/v1");
    out.member("licensees", static_cast<uint64_t>(read->ids.size()));
    out.member("added", static_cast<uint64_t>(*added)).member("key", read->key_fingerprint);
    say(out.member("path", options.path).end_object().finish());
    return kYes;
  }
  say(cat("good: ", escaped(options.path), " has ", read->ids.size(), " licensees, ", *added,
          " of them new\n"));
  return kYes;
}

}  // namespace

void add_licensees_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("licensees", "keep the register of licensees");
  command.example("weightmark licensees licensees.pb --key owner.key --add ids.txt");
  command.add_option("register", options->path, "the register; with --add it may not exist yet")
      .required();
  add_key_options(command, options->key, false);
  command.add_option("--add", options->add, "file with licensee ids, one per line");
  command.add_option("--public", options->publish,
                     "write the public form, without ids, to this file");
  Option open = command.add_option("--open", options->open,
                                   "write what opens this licensee's entry and no other");
  command.add_option("-o,--out", options->out, "file for --open");
  Option opening = command.add_option("--opening", options->opening,
                                      "check this opening against the register, without a key");
  opening.excludes(open);
  add_output_options(command, options->common);
  command.callback([options, &action] {
    if (options->opening.empty() && options->key.path.empty()) missing("--key");
    action = [options] { return run_licensees(*options); };
  });
}

}  // namespace wmk::cli
