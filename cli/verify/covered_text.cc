#include "cli/verify/covered_text.h"

#include "base/text.h"

namespace wmk::cli {

namespace {

// 1.5e9 -> "1.500000000": as stat's %.9Y.
std::string seconds_text(int64_t ns) {
  const std::string digits = to_text(1'000'000'000 + ns % 1'000'000'000);
  return cat(ns / 1'000'000'000, ".", digits.substr(1));
}

}  // namespace

void write_covered(const std::vector<sign::CoveredFile>& files, json::Writer& out) {
  out.key("covered").begin_array();
  for (const sign::CoveredFile& file : files) {
    out.begin_object().member("path", file.name).member("bytes", file.seen.size);
    out.member("device", file.seen.device).member("inode", file.seen.inode);
    out.member("modified", seconds_text(file.seen.modified));
    out.member("changed", seconds_text(file.seen.changed)).end_object();
  }
  out.end_array();
}

std::string covered_text(const std::vector<sign::CoveredFile>& files) {
  std::string out = "  covered, as stat -c '%d %i %s %.9Y %.9Z %n' prints it:\n";
  for (const sign::CoveredFile& file : files) {
    const sign::FileState& seen = file.seen;
    out +=
        cat("    ", seen.device, " ", seen.inode, " ", seen.size, " ", seconds_text(seen.modified),
            " ", seconds_text(seen.changed), " ", escaped(file.name), "\n");
  }
  return out;
}

}  // namespace wmk::cli
