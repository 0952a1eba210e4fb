#include "cli/trace/licensee_list.h"

#include <algorithm>

#include "base/text.h"
#include "library/words/detect_words.h"
#include "report/probability.h"

namespace wmk::cli {

std::string licensees_text(const std::vector<verify::LicenseeZ>& best, size_t named) {
  constexpr size_t shown = 5;
  std::string out;
  for (size_t i = 0; i < std::min(best.size(), std::max(named, shown)); ++i) {
    const verify::LicenseeZ& one = best[i];
    const std::string round = cat("(round ", one.round, ", price ", fixed(one.price, 0), ")");
    if (i == named && one.round > 1) out += cat("  others, beside those ", round, ":\n");
    out += cat("  ", escaped(one.id), ": z = ", fixed(one.z, 1), ", ",
               report::p_statement(report::log10_of(one.ln_p)));
    if (i < named && one.round > 1) out += cat(" ", round);
    out += "\n";
  }
  return out;
}

void write_licensees(const std::vector<verify::LicenseeZ>& best, json::Writer& out) {
  const auto write_z = [&](std::string_view name, const std::optional<double>& z) {
    out.key(name);
    z ? out.value(*z) : out.null();
  };
  out.key("licensees").begin_array();
  for (const verify::LicenseeZ& one : best) {
    out.begin_object().member("id", one.id).member("z", one.z);
    out.member("log10_p", report::log10_of(one.ln_p));
    out.member("verdict", library::words_of(one.level).code);
    out.member("round", static_cast<uint64_t>(one.round)).member("price", one.price);
    write_z("z_ffn", one.z_ffn);
    write_z("z_output", one.z_output);
    out.end_object();
  }
  out.end_array();
}

}  // namespace wmk::cli
