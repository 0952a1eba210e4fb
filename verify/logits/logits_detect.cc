#include "verify/logits/logits_detect.h"

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "checkpoint/text/config.h"
#include "embed/scheme/price.h"

namespace wmk::verify {

namespace {

constexpr double kUsualSoftcap = 30;  // of Gemma 2

// A reading of the list: its words, and how it is read.
struct ListedReading {
  std::string words;
  embed::LogitsOptions options;
  bool at_hand = true;  // a place without a rank by hand stays empty
};

// Written before anything is scored. Each reading has a place for the rank of its spectrum and one
// for a rank by hand.
std::vector<ListedReading> listed_readings(const LogitsRequest& request) {
  const double cap = request.softcap.value_or(kUsualSoftcap);
  const std::pair<std::string, embed::LogitsOptions> ways[] = {
      {"as given", {}},
      {cat("softcap ", fixed(cap, 0), " undone"), {.softcap = cap}},
      {"columns centred", {.centre_columns = true}},
      {cat("softcap ", fixed(cap, 0), " undone, columns centred"),
       {.softcap = cap, .centre_columns = true}}};
  std::vector<ListedReading> out;
  for (const auto& [words, way] : ways) {
    for (const bool by_hand : {false, true}) {
      ListedReading each{words, way, !by_hand || request.rank.has_value()};
      if (by_hand) each.options.rank = request.rank;
      if (by_hand && request.rank) each.words += cat(", rank ", *request.rank);
      each.options.threads = request.threads;
      each.options.progress = request.progress;
      out.push_back(std::move(each));
    }
  }
  return out;
}

// Which totals are computed: numbers of pairs and numbers of shares.
struct Totals {
  std::vector<size_t> pairs;
  unsigned first_count = 1, last_count = embed::kSharesMax;
  bool shares_known = false;

  double price(unsigned place) const {
    return embed::price_of(place, shares_known) * static_cast<double>(pairs.size());
  }
};

Totals totals_of(const LogitsRequest& request) {
  Totals out;
  out.pairs = {embed::kOutputPairCounts.begin(), embed::kOutputPairCounts.end()};
  std::optional<unsigned> shares = request.shares;
  if (request.record != nullptr) {
    shares = request.record->shares;
    if (request.record->output_pairs > 0) out.pairs = {request.record->output_pairs};
  }
  if (shares) out.first_count = out.last_count = *shares;
  out.shares_known = shares.has_value();
  if (request.disclosed != nullptr) {
    // The share that shows most may have been disclosed: it pays for the totals of all.
    out.first_count = out.last_count = 1;
    out.shares_known = request.disclosed->shares == 1;
  }
  return out;
}

void take_best_total(const embed::OutputReading& read, const Totals& totals, LogitsTried& out) {
  for (const size_t pairs : totals.pairs) {
    for (unsigned count = totals.first_count; count <= totals.last_count; ++count) {
      const double z = read.total(pairs, 0, count).z();
      if (out.shares > 0 && z <= out.z) continue;
      out.z = z;
      out.shares = count;
      out.pairs = pairs;
    }
  }
}

embed::OutputCarriers carriers_for(const LogitsRequest& request, const Totals& totals,
                                   const std::vector<std::string>& labels) {
  auto out = request.disclosed != nullptr
                 ? embed::output_carriers_of_share(request.disclosed->key, labels, request.threads)
                 : embed::output_carriers(*request.master, totals.last_count, false, labels,
                                          request.threads);
  out.pairs = *std::max_element(totals.pairs.begin(), totals.pairs.end());
  return out;
}

Status check(const LogitsRequest& request) {
  const auto refuse = [](std::string why) {
    return Status(Error(ErrorCode::invalid_argument, std::move(why)));
  };
  if (request.record != nullptr && request.record->shares == 0) {
    return refuse("this is the record of a licensee's mark; give that of the ownership mark");
  }
  if (request.shares && (*request.shares < 1 || *request.shares > embed::kSharesMax)) {
    return refuse(cat("a mark has 1 to 4 shares, not ", *request.shares));
  }
  if (request.disclosed != nullptr && (request.record != nullptr || request.shares)) {
    return refuse("of a disclosed share nothing else is known");
  }
  if (request.rank && *request.rank < 1) return refuse("a rank is at least 1");
  return check_alpha(request.alpha);
}

}  // namespace

std::optional<double> softcap_of(const std::filesystem::path& folder) {
  auto text = read_text(folder / "config.json", checkpoint::kConfigBytesMax);
  if (!text) return std::nullopt;
  auto document = json::Document::parse(std::move(*text), checkpoint::kConfigLimits);
  if (!document) return std::nullopt;
  for (const auto& object :
       {std::optional(document->root()), document->root().find("text_config")}) {
    if (!object || !object->is(json::Kind::object)) continue;
    const auto cap = object->find("final_logit_softcapping");
    if (cap && cap->is(json::Kind::number) && *cap->number() > 0) return *cap->number();
  }
  return std::nullopt;
}

Result<LogitsDetection> detect_in_logits(const embed::Logits& logits,
                                         const std::vector<std::string>& labels,
                                         const LogitsRequest& request) {
  if (Status fit = check(request); !fit) return std::move(fit).error();
  const Totals totals = totals_of(request);
  const auto carriers = carriers_for(request, totals, labels);
  LogitsDetection out;
  out.rows = logits.rows();
  out.columns = logits.columns();
  out.claim = logits_claim();
  unsigned place = 0;
  double best = 0;
  for (const ListedReading& each : listed_readings(request)) {
    ++place;
    if (!each.at_hand) continue;
    LogitsTried tried{.reading = each.words, .place = place, .price = totals.price(place)};
    auto read = embed::read_output_logits(logits, carriers, each.options);
    if (!read && place == 1) return std::move(read).error();
    if (read) {
      tried.rank = read->rank;
      tried.columns = read->columns;
      tried.rank_by_gap = read->rank_by_gap;
      take_best_total(read->output, totals, tried);
      const double score = ln_price_p(tried.z, tried.price);
      if (out.tried.empty() || score < best) {
        best = score;
        out.best = tried;
      }
    } else {
      tried.fault = read.error().message();
    }
    out.tried.push_back(std::move(tried));
    out.ln_p = std::min(0.0, best);
    if (is_conclusive(out.best.z, out.best.price)) break;
  }
  out.level = yes_level(out.ln_p, request.alpha).value_or(report::Level::undecided);
  return out;
}

}  // namespace wmk::verify
