// The text of policies; see claims/log/policy.h.
#include <algorithm>

#include "base/text.h"
#include "claims/log/lines.h"
#include "claims/log/policy.h"

namespace wmk::claims {

namespace {

using crypto::NoteKeyType;
using crypto::NoteVerifier;
using Words = std::vector<std::string_view>;

constexpr std::string_view kNoQuorum = "none";
constexpr std::string_view kBlank = " \t";

Words words_of(std::string_view line) {
  Words out;
  for (size_t at = line.find_first_not_of(kBlank); at != line.npos;) {
    const size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    out.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlank, end);
  }
  return out;
}

bool is_policy_octet(unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7F); }

}  // namespace

class PolicyParser {
 public:
  Result<Policy> parse(std::string_view text);

 private:
  Status take(const Words& words);
  Status take_log(const Words& words);
  Status take_witness(const Words& words);
  Status take_group(const Words& words);
  Status take_quorum(const Words& words);
  Status check_new_key(const NoteVerifier& key) const;
  Status check_new_name(std::string_view name) const;
  // The index of a witness or group that was defined before.
  Result<size_t> node(std::string_view name) const;

  Policy policy_;
  bool has_quorum_ = false;
};

Status PolicyParser::check_new_key(const NoteVerifier& key) const {
  const auto is_same = [&](const auto& other) {
    return std::ranges::equal(other.key.key(), key.key());
  };
  if (std::ranges::any_of(policy_.logs_, is_same) ||
      std::ranges::any_of(policy_.witnesses_, is_same)) {
    return malformed(cat("the key of '", escaped(key.name()), "' is there twice"));
  }
  return {};
}

Status PolicyParser::check_new_name(std::string_view name) const {
  if (name == kNoQuorum) return malformed("'none' cannot be a name");
  if (std::ranges::find(policy_.nodes_, name, &Policy::Node::name) != policy_.nodes_.end()) {
    return malformed(cat("the name '", escaped(name), "' is there twice"));
  }
  return {};
}

Result<size_t> PolicyParser::node(std::string_view name) const {
  const auto found = std::ranges::find(policy_.nodes_, name, &Policy::Node::name);
  if (found == policy_.nodes_.end()) {
    return malformed(cat("'", escaped(name), "' is not defined on a line before"));
  }
  return static_cast<size_t>(found - policy_.nodes_.begin());
}

Status PolicyParser::take_log(const Words& words) {
  if (words.size() != 2 && words.size() != 3) return malformed("expected: log VKEY [URL]");
  auto key = NoteVerifier::parse(words[1]);
  if (!key) return std::move(key).error();
  if (auto status = check_new_key(*key); !status) return status;
  policy_.logs_.push_back({std::move(*key), std::string(words.size() == 3 ? words[2] : "")});
  return {};
}

Status PolicyParser::take_witness(const Words& words) {
  if (words.size() != 3 && words.size() != 4) {
    return malformed("expected: witness NAME VKEY [URL]");
  }
  auto key = NoteVerifier::parse(words[2]);
  if (!key) return std::move(key).error();
  if (key->type() == NoteKeyType::ed25519) {
    return malformed("this is a log's key; a witness has a key of type 04 or 06");
  }
  if (auto status = check_new_key(*key); !status) return status;
  if (auto status = check_new_name(words[1]); !status) return status;
  policy_.nodes_.push_back({std::string(words[1]), {}});
  policy_.witnesses_.push_back(
      {std::string(words[1]), std::move(*key), std::string(words.size() == 4 ? words[3] : "")});
  return {};
}

Status PolicyParser::take_group(const Words& words) {
  if (words.size() < 4) return malformed("expected: group NAME any|all|K MEMBER...");
  if (auto status = check_new_name(words[1]); !status) return status;
  Policy::Node group{std::string(words[1]), {}};
  for (size_t i = 3; i < words.size(); ++i) {
    const auto member = node(words[i]);
    if (!member) return member.error();
    if (policy_.nodes_[*member].is_member) {
      return malformed(cat("'", escaped(words[i]), "' is a member twice"));
    }
    policy_.nodes_[*member].is_member = true;
    group.members.push_back(*member);
  }
  const uint64_t count = group.members.size();
  const auto threshold = words[2] == "any"   ? std::optional<uint64_t>(1)
                         : words[2] == "all" ? std::optional(count)
                                             : decimal(words[2]);
  if (!threshold || *threshold < 1 || *threshold > count) {
    return malformed(
        cat("'", escaped(words[2]), "' is not any, all or a number from 1 to ", count));
  }
  group.threshold = *threshold;
  policy_.nodes_.push_back(std::move(group));
  return {};
}

Status PolicyParser::take_quorum(const Words& words) {
  if (words.size() != 2) return malformed("expected: quorum NAME|none");
  if (has_quorum_) return malformed("there is more than one quorum");
  has_quorum_ = true;
  if (words[1] == kNoQuorum) return {};
  const auto found = node(words[1]);
  if (!found) return found.error();
  policy_.quorum_ = *found;
  return {};
}

Status PolicyParser::take(const Words& words) {
  if (words[0] == "log") return take_log(words);
  if (words[0] == "witness") return take_witness(words);
  if (words[0] == "group") return take_group(words);
  if (words[0] == "quorum") return take_quorum(words);
  return malformed(cat("'", escaped(words[0]), "' is not log, witness, group or quorum"));
}

Result<Policy> PolicyParser::parse(std::string_view text) {
  size_t lines = 0;
  for (size_t number = 1; !text.empty(); ++number) {
    const auto line = next_line(text);
    if (!line) return malformed("the last line does not end in a newline");
    if (!std::ranges::all_of(*line, is_policy_octet)) {
      return malformed(cat("line ", number, ": a control character"));
    }
    const Words words = words_of(*line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (++lines > kPolicyLinesMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kPolicyLinesMax, " definitions"));
    }
    if (auto status = take(words); !status) {
      return std::move(status).error().within(cat("line ", number));
    }
  }
  if (!has_quorum_)
    return malformed("there is no quorum").with_hint("write 'quorum none' to need no witness");
  return std::move(policy_);
}

Result<Policy> Policy::parse(std::string_view text) {
  if (text.size() > kPolicyBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("a policy has at most ", kPolicyBytesMax, " bytes"));
  }
  return PolicyParser().parse(text);
}

}  // namespace wmk::claims
