#include "embed/resume/journal.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/key_file.h"

namespace wmk::embed {

namespace {

constexpr std::string_view kJournalSchema = "weightmark/embed-journal/v1";
constexpr size_t kChangeNumbers = 5;

crypto::SecretBytes code_of(std::string_view line, const crypto::SecretBytes& master) {
  return crypto::derive(crypto::derive(master, kJournalSchema), line);
}

void write_change(const Change& change, json::Writer& out) {
  out.begin_array().value(change.difference_squared).value(change.norm_squared);
  out.value(change.units).value(change.skipped).value(change.not_finite).end_array();
}

std::optional<Change> change_from(const json::Value& value) {
  if (!value.is(json::Kind::array) || value.size() != kChangeNumbers) return std::nullopt;
  std::vector<json::Value> numbers;
  for (const json::Value each : value) numbers.push_back(each);
  const auto difference = numbers[0].number(), norm = numbers[1].number();
  const auto units = numbers[2].unsigned_integer(), skipped = numbers[3].unsigned_integer();
  const auto not_finite = numbers[4].unsigned_integer();
  if (!difference || !norm || !units || !skipped || !not_finite) return std::nullopt;
  if (!(*difference >= 0 && *norm >= 0)) return std::nullopt;
  return Change{*difference, *norm, *units, *skipped, *not_finite};
}

std::optional<StageChange> stage_from(const json::Value& value) {
  if (!value.is(json::Kind::array) || value.size() != 2) return std::nullopt;
  auto at = value.begin();
  const auto ffn = change_from(*at);
  const auto heads = change_from(*++at);
  if (!ffn || !heads) return std::nullopt;
  return StageChange{*ffn, *heads};
}

std::optional<FinishedShard> shard_from(const json::Value& value) {
  if (!value.is(json::Kind::object) || value.size() != 3) return std::nullopt;
  const auto name = value.find("name"), bytes = value.find("bytes"), tree = value.find("tree");
  if (!name || !bytes || !tree) return std::nullopt;
  FinishedShard out;
  const auto text = name->string(), hex = tree->string();
  const auto size = bytes->unsigned_integer();
  if (!text || !size || !hex) return std::nullopt;
  const auto digest = from_hex(*hex);
  if (!digest || digest->size() != out.digest.size()) return std::nullopt;
  std::copy(digest->begin(), digest->end(), out.digest.begin());
  out.name = *text;
  out.bytes = *size;
  return out;
}

template <class T, class From>
bool read_list(const json::Value& root, std::string_view name, const From& from,
               std::vector<T>& out) {
  const auto list = root.find(name);
  if (!list || !list->is(json::Kind::array)) return false;
  for (const json::Value each : *list) {
    auto item = from(each);
    if (!item) return false;
    out.push_back(*std::move(item));
  }
  return true;
}

std::optional<Journal> journal_from(const json::Value& root) {
  if (!root.is(json::Kind::object) || root.size() != 8) return std::nullopt;
  const auto schema = root.find("schema");
  if (!schema || schema->string() != kJournalSchema) return std::nullopt;
  Journal out;
  const std::pair<std::string_view, std::string*> texts[] = {{"program", &out.run.program},
                                                             {"arithmetic", &out.run.arithmetic},
                                                             {"key", &out.run.key},
                                                             {"source", &out.run.source},
                                                             {"request", &out.run.request}};
  for (const auto& [name, to] : texts) {
    const auto member = root.find(name);
    const auto text = member ? member->string() : std::nullopt;
    if (!text) return std::nullopt;
    *to = *text;
  }
  if (!read_list(root, "stages", stage_from, out.stages)) return std::nullopt;
  if (!read_list(root, "shards", shard_from, out.shards)) return std::nullopt;
  return out;
}

}  // namespace

std::string journal_text(const Journal& journal, const crypto::SecretBytes& master) {
  json::Writer out;
  out.begin_object().member("schema", kJournalSchema).member("program", journal.run.program);
  out.member("arithmetic", journal.run.arithmetic).member("key", journal.run.key);
  out.member("source", journal.run.source).member("request", journal.run.request);
  out.key("stages").begin_array();
  for (const StageChange& stage : journal.stages) {
    out.begin_array();
    write_change(stage.ffn, out);
    write_change(stage.heads, out);
    out.end_array();
  }
  out.end_array().key("shards").begin_array();
  for (const FinishedShard& shard : journal.shards) {
    out.begin_object().member("name", shard.name).member("bytes", shard.bytes);
    out.member("tree", to_hex(shard.digest)).end_object();
  }
  out.end_array().end_object();
  const std::string line = out.finish();
  return cat(line, to_hex(code_of(line, master).reveal()), "\n");
}

Result<Journal> parse_journal(std::string text, const crypto::SecretBytes& master) {
  const Error damaged = malformed("the journal is damaged");
  const size_t end = text.find('\n');
  if (end == std::string::npos || text.back() != '\n' || text.size() < end + 2) return damaged;
  const std::string line = text.substr(0, end + 1);
  auto code = from_hex(std::string_view(text).substr(end + 1, text.size() - end - 2));
  auto document = json::Document::parse(line);
  if (!code || !document) return damaged;
  auto journal = journal_from(document->root());
  if (!journal) return damaged;
  if (journal->run.key != crypto::fingerprint(master)) return *std::move(journal);
  if (!code_of(line, master).equals(crypto::SecretBytes::take(*code))) return damaged;
  return *std::move(journal);
}

}  // namespace wmk::embed
