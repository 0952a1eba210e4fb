#include "cli/verify/uncovered_text.h"

#include "base/text.h"

namespace wmk::cli {

namespace {

constexpr size_t kLinesMax = 20;

struct Sum {
  uint64_t files = 0, bytes = 0;
};

Sum sum_of(const std::vector<sign::Uncovered>& list) {
  Sum sum;
  for (const sign::Uncovered& part : list) {
    sum.files += part.files;
    sum.bytes += part.bytes;
  }
  return sum;
}

}  // namespace

std::string files_text(uint64_t files, uint64_t bytes) {
  return cat(files, files == 1 ? " file, " : " files, ", si(static_cast<double>(bytes), "B"));
}

std::string uncovered_text(const std::vector<sign::Uncovered>& list) {
  if (list.empty()) return {};
  const Sum sum = sum_of(list);
  std::string out = cat("  NOT covered: ", files_text(sum.files, sum.bytes), "\n");
  for (size_t i = 0; i < std::min(list.size(), kLinesMax); ++i) {
    const sign::Uncovered& part = list[i];
    const bool alone = part.files == 1;
    out +=
        cat("    ", escaped(part.path), " (", part.why, ", ",
            alone ? si(static_cast<double>(part.bytes), "B") : files_text(part.files, part.bytes),
            ")\n");
  }
  if (list.size() > kLinesMax) out += cat("    and ", list.size() - kLinesMax, " more\n");
  return out;
}

void write_uncovered(const std::vector<sign::Uncovered>& list, json::Writer& out) {
  const Sum sum = sum_of(list);
  out.key("uncovered").begin_array();
  for (const sign::Uncovered& part : list) {
    out.begin_object().member("path", part.path).member("files", part.files);
    out.member("bytes", part.bytes).member("why", part.why).end_object();
  }
  out.end_array().member("uncovered_files", sum.files).member("uncovered_bytes", sum.bytes);
}

}  // namespace wmk::cli
