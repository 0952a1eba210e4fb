#include "embed/scheme/record_sites.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace wmk::embed {

namespace {

constexpr uint64_t kOutputRowsMax = 1ull << 32;

std::optional<Site> site_named(std::string_view name) {
  for (const Site site : kSites) {
    if (to_string(site) == name) return site;
  }
  return std::nullopt;
}

// Names of sites, each once, in the order of kSites.
bool take_names(const proto::MarkRecord& from, Sites& out) {
  out = {};
  std::optional<Site> last;
  for (const std::string& name : from.sites()) {
    const auto site = site_named(name);
    if (!site || (last && *site <= *last)) return false;
    out[*site] = true;
    last = site;
  }
  return last.has_value();
}

bool take_output(const proto::MarkRecord& from, MarkRecord& out) {
  if (from.has_output() != out.sites[Site::output]) return false;
  if (!from.has_output()) return true;
  out.output_pairs = from.output().pairs();
  out.output_rows = from.output().rows();
  return out.output_pairs >= 4 && out.output_pairs <= 64 && std::has_single_bit(out.output_pairs) &&
         out.output_rows > 0 && out.output_rows <= kOutputRowsMax;
}

bool is_finite(double value) { return std::isfinite(value); }

bool take_ffn(const proto::MarkRecord& from, MarkRecord& out) {
  if (from.has_read_back() != out.sites[Site::ffn]) return false;
  if (!from.has_read_back()) return true;
  const proto::ReadBack& read = from.read_back();
  out.read_back = {read.weights(), {read.z().begin(), read.z().end()}, read.total(), read.length()};
  const auto& z = out.read_back.z;
  return z.size() == std::max(1u, out.shares) && std::all_of(z.begin(), z.end(), is_finite) &&
         is_finite(out.read_back.total) && out.read_back.weights > 0 &&
         out.read_back.weights <= out.weights && out.read_back.length > 0 &&
         is_finite(out.read_back.length);
}

bool is_possible(const SiteReadBack& read, const MarkRecord& record) {
  return read.site != Site::ffn && record.sites[read.site] && read.weights > 0 &&
         read.z.size() == std::max(1u, record.shares) && is_finite(read.total) &&
         std::all_of(read.z.begin(), read.z.end(), is_finite);
}

}  // namespace

void put_sites(const MarkRecord& record, proto::MarkRecord& out) {
  for (const Site site : kSites) {
    if (record.sites[site]) out.add_sites(std::string(to_string(site)));
  }
  if (record.sites[Site::output]) {
    out.mutable_output()->set_pairs(static_cast<uint32_t>(record.output_pairs));
    out.mutable_output()->set_rows(record.output_rows);
  }
  if (record.sites[Site::ffn]) {
    proto::ReadBack& read = *out.mutable_read_back();
    read.set_weights(record.read_back.weights);
    for (const double z : record.read_back.z) read.add_z(z);
    read.set_total(record.read_back.total);
    read.set_length(record.read_back.length);
  }
  for (const SiteReadBack& each : record.site_read_backs) {
    proto::SiteReadBack& read = *out.add_site_read_back();
    read.set_site(std::string(to_string(each.site)));
    read.set_weights(each.weights);
    for (const double z : each.z) read.add_z(z);
    read.set_total(each.total);
  }
}

bool take_sites(const proto::MarkRecord& from, MarkRecord& out) {
  return take_names(from, out.sites) && take_output(from, out);
}

bool take_read_back(const proto::MarkRecord& from, MarkRecord& out) {
  if (!take_ffn(from, out)) return false;
  for (const proto::SiteReadBack& each : from.site_read_back()) {
    const auto site = site_named(each.site());
    if (!site) return false;
    SiteReadBack read{*site, each.weights(), {each.z().begin(), each.z().end()}, each.total()};
    const auto same = [&](const SiteReadBack& other) { return other.site == read.site; };
    if (!is_possible(read, out) ||
        std::any_of(out.site_read_backs.begin(), out.site_read_backs.end(), same)) {
      return false;
    }
    out.site_read_backs.push_back(std::move(read));
  }
  return true;
}

}  // namespace wmk::embed
