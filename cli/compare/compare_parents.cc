// Candidate parents of a comparison (--also), in text, JSON and on the page.
#include "base/json.h"
#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "report/page.h"

namespace wmk::cli {

namespace {

using lineage::ParentFit;
using report::Html;

// If less of the suspect is explained, weights mean nothing.
constexpr double kExplainedMin = 0.05;

const std::string& parent_path(const CompareView& view, size_t i) {
  return i == 0 ? view.reference.path : view.also[i - 1].path;
}

std::string percent(double share) { return cat(fixed(100 * share, 1), " %"); }

std::string mixture_text(const lineage::ParentFits& fits) {
  if (fits.ranking.empty()) return "none could be compared";
  if (fits.explained < kExplainedMin) return "no mixture of them explains it";
  return cat("their mixture explains ", percent(fits.explained), " of it");
}

std::string range_text(const ParentFit& fit) {
  return cat(fixed(fit.lowest, 2), " to ", fixed(fit.highest, 2));
}

void write_parent(const CompareView& view, size_t i, json::Writer& out) {
  const ParentFit& fit = view.parents->parents[i];
  out.begin_object().member("path", parent_path(view, i)).member("weight", fit.weight);
  out.member("weight_low", fit.lowest).member("weight_high", fit.highest);
  out.member("alone", fit.alone).end_object();
}

void write_matrix(const lineage::ParentFits& fits, const lineage::MatrixFit& matrix,
                  json::Writer& out) {
  out.begin_object().member("layer", matrix.layer).member("matrix", matrix.matrix);
  out.member("explained", matrix.explained).key("weights").begin_array();
  for (const size_t i : fits.ranking) out.value(matrix.weights[i]);
  out.end_array().end_object();
}

}  // namespace

std::string parent_lines(const CompareView& view) {
  if (!view.parents) return {};
  const auto& fits = *view.parents;
  std::string out = cat("  candidate parents, closest first: ", mixture_text(fits), "\n");
  for (const size_t i : fits.ranking) {
    const ParentFit& fit = fits.parents[i];
    out += cat("    weight ", fixed(fit.weight, 2), " (", range_text(fit), " over ",
               fits.matrices.size(), " matrices), ", percent(fit.alone),
               " by itself: ", escaped(parent_path(view, i)), "\n");
  }
  for (size_t i = 0; i < fits.parents.size(); ++i) {
    const std::string& missing = fits.parents[i].missing;
    if (missing.empty()) continue;
    out += cat("    not compared: ", escaped(parent_path(view, i)), ": ", missing, "\n");
  }
  return out;
}

void write_parents(const CompareView& view, json::Writer& out) {
  if (!view.parents) return;
  const auto& fits = *view.parents;
  out.key("parents").begin_object().member("explained", fits.explained);
  out.key("compared").begin_array();
  for (const size_t i : fits.ranking) write_parent(view, i, out);
  out.end_array().key("not_compared").begin_array();
  for (size_t i = 0; i < fits.parents.size(); ++i) {
    if (fits.parents[i].missing.empty()) continue;
    out.begin_object().member("path", parent_path(view, i));
    out.member("why", fits.parents[i].missing).end_object();
  }
  out.end_array().key("matrices").begin_array();
  for (const auto& matrix : fits.matrices) write_matrix(fits, matrix, out);
  out.end_array().end_object();
}

void add_parents(const CompareView& view, Html& page) {
  if (!view.parents) return;
  const auto& fits = *view.parents;
  page.element("h2", "Candidate parents");
  page.element(
      "p", cat("A merge is a weighted mean of its parents. Weights that sum to one were fitted "
               "to rows of the suspect, for each matrix and for all matrices together: ",
               mixture_text(fits),
               ". This is a description and not a test; the verdict, which is about the "
               "reference alone, does not use it. A copy of one parent has weight 1 for that "
               "parent and 0 for the others. If little is explained, the weights mean nothing."));
  report::Table table{cat(fits.matrices.size(), " matrices; closest candidate first."),
                      {"Candidate", "Weight", "In one matrix", "Explains by itself"},
                      {}};
  for (const size_t i : fits.ranking) {
    const ParentFit& fit = fits.parents[i];
    table.rows.push_back({{parent_path(view, i), false, ""},
                          {fixed(fit.weight, 2), true, ""},
                          {range_text(fit), true, ""},
                          {percent(fit.alone), true, ""}});
  }
  for (size_t i = 0; i < fits.parents.size(); ++i) {
    const std::string& missing = fits.parents[i].missing;
    if (missing.empty()) continue;
    table.rows.push_back({{parent_path(view, i), false, cat("not compared: ", missing)},
                          {"\u2013", true, ""},
                          {"\u2013", true, ""},
                          {"\u2013", true, ""}});
  }
  report::add_table(table, page);
}

}  // namespace wmk::cli
