#include "checkpoint/naming/candidates.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kFamiliesListed = 4;
constexpr size_t kNamesListed = 10;

Candidate measure(const NameTable& names, const NamingFamily& family) {
  Candidate out{.family = &family};
  const std::vector<const Rule*> rules = names.rules_of(family);
  for (const IndexedName& entry : names.entries) {
    const auto role = role_of(entry, rules[entry.pattern]);
    if (!role) continue;
    ++out.recognised;
    out.has_embedding |= *role == Role::token_embedding;
    out.has_ffn |= is_ffn_matrix(*role);
  }
  return out;
}

std::string described(const Candidate& candidate, size_t tensors) {
  const std::string_view missing = !candidate.has_ffn         ? "no FFN"
                                   : !candidate.has_embedding ? "no token_embedding"
                                                              : "";
  return cat(candidate.family->name(), " (", candidate.recognised, " of ", tensors, " tensors",
             missing.empty() ? "" : ", ", missing, ")");
}

// Those with the most weights come first; of equal ones, in the order of the checkpoint.
std::string unknown_names(const std::vector<Tensor>& tensors, const NameTable& names,
                          const NamingFamily& family) {
  const std::vector<const Rule*> rules = names.rules_of(family);
  std::vector<size_t> unknown;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (rules[names.entries[i].pattern] == nullptr) unknown.push_back(i);
  }
  const size_t listed = std::min(unknown.size(), kNamesListed);
  std::partial_sort(unknown.begin(), unknown.begin() + static_cast<ptrdiff_t>(listed),
                    unknown.end(), [&](size_t a, size_t b) {
                      const uint64_t left = tensors[a].elements(), right = tensors[b].elements();
                      return left != right ? left > right : a < b;
                    });
  std::string out;
  for (size_t i = 0; i < listed; ++i) {
    const Tensor& tensor = tensors[unknown[i]];
    out += cat(i > 0 ? ", '" : "'", escaped(tensor.name), "' ", shape_text(tensor.shape));
  }
  if (unknown.size() > listed) out += cat(" and ", unknown.size() - listed, " more");
  return out;
}

}  // namespace

std::vector<Candidate> rank_candidates(const NameTable& names,
                                       std::span<const NamingFamily* const> families) {
  std::vector<Candidate> out;
  for (const NamingFamily* family : families) out.push_back(measure(names, *family));
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return a.recognised > b.recognised;
  });
  return out;
}

Error nothing_applies(const std::vector<Tensor>& tensors, const NameTable& names,
                      std::span<const Candidate> ranked) {
  const auto known = static_cast<size_t>(std::count_if(
      ranked.begin(), ranked.end(), [](const Candidate& each) { return each.recognised > 0; }));
  std::string message = known > 0 ? "no naming rules explain these tensors; best: "
                                  : cat("no naming rules recognise any of the ", tensors.size(),
                                        tensors.size() == 1 ? " tensor" : " tensors");
  const size_t listed = std::min(known, kFamiliesListed);
  for (size_t i = 0; i < listed; ++i) {
    message += cat(i > 0 ? ", " : "", described(ranked[i], tensors.size()));
  }
  if (known > listed) message += cat(", and ", known - listed, " other families");
  const std::string unknown = unknown_names(tensors, names, *ranked[0].family);
  if (!unknown.empty()) message += cat("; not recognised: ", unknown);
  return Error(ErrorCode::unsupported, std::move(message))
      .with_hint("--naming FILE reads your own naming rules");
}

}  // namespace wmk::checkpoint
