#include "cli/verify/covered_text.h"

#include "base/text.h"

namespace wmk::cli {

namespace {

// 1.5e9 -> "1.500000000", like stat's %.9Y.
std::string seconds_text(int64_t ns) {
  const std::string digits = to_text(1'000'000'000 + ns % 1'000'000'000);
  return cat(ns / 1'000'000'000, ".", digits.substr(1));
}

}  // namespace

void write_covered(const std::vector<sign::CoveredFile>& files, json::Writer& out) {
  out.key("covered").begin_array();
  for (const sign::CoveredFile& file : files) {
    out.begin_object().member("path", file.name).member("bytes", file.state.size);
    out.member("device", file.state.device).member("inode", file.state.inode);
    out.member("modified", seconds_text(file.state.modified));
    out.member("changed", seconds_text(file.state.changed)).end_object();
  }
  out.end_array();
}

std::string covered_text(const std::vector<sign::CoveredFile>& files) {
  std::string out = "  covered, as printed by stat -c '%d %i %s %.9Y %.9Z %n':\n";
  for (const sign::CoveredFile& file : files) {
    const sign::FileState& state = file.state;
    out += cat("    ", state.device, " ", state.inode, " ", state.size, " ",
               seconds_text(state.modified), " ", seconds_text(state.changed), " ",
               escaped(file.name), "\n");
  }
  return out;
}

}  // namespace wmk::cli
