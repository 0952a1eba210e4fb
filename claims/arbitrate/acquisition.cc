#include "claims/arbitrate/acquisition.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/json.h"
#include "base/text.h"
#include "sign/keyless/time_range.h"

namespace wmk::claims {

namespace {

constexpr std::string_view kSchema = "weightmark/acquisition/v1";
constexpr size_t kItemsMax = 256;
constexpr std::array kCustodyNames = {std::string_view("accused_signature"),
                                      std::string_view("platform_digest"),
                                      std::string_view("arbitrator"), std::string_view("claimant")};

// Reads the members of one object; the first fault is kept, and nothing is read after it.
class Fields {
 public:
  Fields(const json::Value& object, std::string where, std::optional<Error>& fault)
      : object_(object), where_(std::move(where)), fault_(fault) {
    if (!object.is(json::Kind::object)) fail("is not an object");
  }

  void only(std::initializer_list<std::string_view> names) {
    if (fault_) return;
    for (const json::Value each : object_) {
      if (std::ranges::find(names, each.key()) == names.end()) {
        return fail(cat("has an unknown member '", escaped(each.key()), "'"));
      }
    }
  }
  std::optional<json::Value> member(std::string_view name) const {
    if (fault_) return std::nullopt;
    const auto found = object_.find(name);
    return found && !found->is(json::Kind::null) ? found : std::nullopt;
  }
  std::string text(std::string_view name, bool is_required = true) {
    const auto value = member(name);
    if (!value && !is_required) return {};
    const auto text = value ? value->string() : std::nullopt;
    if (!text || (is_required && text->empty())) fail(cat("needs the text '", name, "'"));
    return std::string(text.value_or(""));
  }
  // Rounded to the side that does not favour the claimant.
  std::optional<int64_t> time(std::string_view name, bool is_required,
                              sign::Rounding rounding = sign::Rounding::down) {
    const std::string text = this->text(name, is_required);
    if (fault_ || text.empty()) return std::nullopt;
    const auto seconds = sign::parse_time(text, rounding);
    if (!seconds) fail(cat("has no time like 2026-01-31T12:00:00Z in '", name, "'"));
    return seconds;
  }
  Bytes digest(std::string_view name, bool is_required) {
    const std::string text = this->text(name, is_required);
    if (fault_ || text.empty()) return {};
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 32) fail(cat("has no SHA-256 in '", name, "'"));
    return bytes.value_or(Bytes());
  }
  bool truth(std::string_view name) {
    const auto value = member(name);
    const auto truth = value ? value->boolean() : std::nullopt;
    if (!truth) fail(cat("needs true or false in '", name, "'"));
    return truth.value_or(false);
  }
  // nullopt: no such member.
  std::optional<std::vector<json::Value>> list(std::string_view name) {
    const auto value = member(name);
    if (!value) return std::nullopt;
    std::vector<json::Value> out;
    if (!value->is(json::Kind::array) || value->size() > kItemsMax) {
      fail(cat("has no list of at most ", kItemsMax, " in '", name, "'"));
      return out;
    }
    for (const json::Value each : *value) out.push_back(each);
    return out;
  }
  void fail(std::string why) {
    if (!fault_) fault_ = malformed(cat("acquisition: ", where_, " ", why));
  }

 private:
  json::Value object_;
  std::string where_;
  std::optional<Error>& fault_;
};

Custody custody_of(Fields& fields) {
  const std::string word = fields.text("vouched_by");
  const auto found = std::ranges::find(kCustodyNames, word);
  if (found == kCustodyNames.end()) {
    fields.fail(
        "has another 'vouched_by' than accused_signature, platform_digest, arbitrator, "
        "claimant");
    return Custody::nobody;
  }
  return static_cast<Custody>(found - kCustodyNames.begin());
}

std::optional<std::vector<Ancestor>> ancestors_of(Fields& fields, std::optional<Error>& fault) {
  const auto list = fields.list("ancestors");
  if (!list) return std::nullopt;
  std::vector<Ancestor> out;
  for (const json::Value& each : *list) {
    Fields item(each, "an ancestor", fault);
    item.only({"name", "published", "root"});
    Ancestor ancestor{item.text("name"), 0, item.digest("root", false)};
    ancestor.published = item.time("published", true).value_or(0);
    out.push_back(std::move(ancestor));
  }
  return out;
}

std::optional<LogitsAccess> logits_of(Fields& fields, std::optional<Error>& fault) {
  const auto value = fields.member("logits");
  if (!value) return std::nullopt;
  Fields item(*value, "'logits'", fault);
  item.only({"endpoint", "model", "prompts", "answers", "collector", "prompts_fixed_before",
             "all_columns", "without_key"});
  return LogitsAccess{item.text("endpoint"),        item.text("model"),
                      item.digest("prompts", true), item.digest("answers", true),
                      item.text("collector"),       item.truth("prompts_fixed_before"),
                      item.truth("all_columns"),    item.truth("without_key")};
}

// What was acquired had been published, and its ancestors with it.
void check_dates(const Acquisition& from, Fields& fields) {
  if (from.published && *from.published > from.acquired) {
    fields.fail("says that the suspect was published after it was acquired");
  }
  if (!from.ancestors) return;
  for (const Ancestor& each : *from.ancestors) {
    if (each.published <= from.acquired) continue;
    fields.fail(cat("says that the ancestor '", escaped(each.name),
                    "' was published after the suspect was acquired"));
  }
}

std::vector<std::string> access_of(Fields& fields) {
  std::vector<std::string> out;
  for (const json::Value& each : fields.list("access").value_or(std::vector<json::Value>())) {
    const auto text = each.string();
    if (!text) fields.fail("has no list of texts in 'access'");
    out.emplace_back(text.value_or(""));
  }
  return out;
}

}  // namespace

std::string_view to_string(Custody custody) {
  return custody == Custody::nobody ? "nobody" : kCustodyNames[static_cast<size_t>(custody)];
}

std::string_view custody_words(Custody custody) {
  constexpr std::array<std::string_view, 5> words = {
      "the accused party's own signature", "a platform's digest", "the arbitrator's own download",
      "the claimant's word only", "nobody"};
  return words[static_cast<size_t>(custody)];
}

Result<Acquisition> parse_acquisition(std::string text) {
  json::Limits limits;
  limits.bytes_max = kAcquisitionBytesMax;
  const auto document = json::Document::parse(std::move(text), limits);
  if (!document) return Error(document.error()).within("acquisition");
  std::optional<Error> fault;
  Fields fields(document->root(), "the file", fault);
  fields.only({"schema", "source", "acquirer", "acquired", "published", "vouched_by", "voucher",
               "root", "seal", "ancestors", "access", "logits"});
  if (!fault && fields.text("schema") != kSchema) fields.fail(cat("is not a ", kSchema));
  Acquisition out;
  out.source = fields.text("source");
  out.acquirer = fields.text("acquirer");
  out.acquired = fields.time("acquired", true, sign::Rounding::up).value_or(0);
  out.published = fields.time("published", false);
  out.custody = custody_of(fields);
  out.voucher = fields.text("voucher");
  out.logits = logits_of(fields, fault);
  out.root = fields.digest("root", !out.logits);
  out.seal = fields.text("seal", false);
  out.ancestors = ancestors_of(fields, fault);
  out.access = access_of(fields);
  if (out.custody == Custody::accused_signature && out.seal.empty()) {
    fields.fail("names no 'seal' of the accused party");
  }
  check_dates(out, fields);
  if (fault) return *std::move(fault);
  return out;
}

}  // namespace wmk::claims
