#include "library/models/detect_parts.h"

#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "embed/read/spread_order.h"
#include "library/models/part_identity.h"

namespace wmk::library {

namespace {

constexpr size_t kNamed = 4;  // parts, or blocks of a part, that an error names

// "layer 3, layer 11, ...": what a part reads in the declared reading.
std::string blocks_of_part(const checkpoint::ReadingList& suspect, unsigned part, unsigned parts) {
  const auto& declared = suspect.declared();
  if (!declared) return "";
  const auto& groups = declared->anatomy->groups;
  const auto places = embed::places_of_groups(
      embed::scan_order(*declared->checkpoint, *declared->anatomy), groups.size());
  std::string out;
  size_t count = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (places[i] % parts != part - 1) continue;
    if (count < kNamed) out += cat(count == 0 ? "" : ", ", groups[i].label());
    ++count;
  }
  if (count > kNamed) out += cat(" and ", count - kNamed, " more");
  return out;
}

// One error that names parts which are not given exactly once.
Status check_numbers(const std::vector<std::vector<std::string>>& files,
                     const checkpoint::ReadingList& suspect) {
  const auto parts = static_cast<unsigned>(files.size());
  std::string missing, doubled;
  size_t missing_count = 0;
  for (unsigned part = 1; part <= parts; ++part) {
    const auto& names = files[part - 1];
    if (names.empty() && missing_count++ < kNamed) {
      const std::string blocks = blocks_of_part(suspect, part, parts);
      missing +=
          cat(missing.empty() ? "" : "; ", "part ", part, blocks.empty() ? "" : ": ", blocks);
    }
    if (names.size() > 1 && doubled.empty()) {
      doubled = cat("part ", part, " of ", parts, " is given twice: ", names[0], " and ", names[1]);
    }
  }
  if (missing_count == 0 && doubled.empty()) return {};
  if (missing_count > kNamed) missing += cat("; and ", missing_count - kNamed, " more parts");
  std::string why;
  if (missing_count > 0)
    why = cat(missing_count, " of ", parts, " parts are missing (", missing, ")");
  if (!doubled.empty()) why += cat(why.empty() ? "" : "; ", doubled);
  return Error(ErrorCode::invalid_argument, std::move(why))
      .with_hint("give the files of all parts, each once");
}

}  // namespace

Result<PartNumber> part_number(std::string_view text) {
  const size_t slash = text.find('/');
  std::optional<uint64_t> part, parts;
  if (slash != std::string_view::npos) {
    part = decimal(text.substr(0, slash));
    parts = decimal(text.substr(slash + 1));
  }
  if (!part || !parts || *part < 1 || *part > *parts || *parts > embed::kPartsMax) {
    return Error(ErrorCode::invalid_argument,
                 cat("a part is I/N, with I from 1 to N and N at most ", embed::kPartsMax,
                     ", such as 2/8, not '", escaped(text), "'"));
  }
  return PartNumber{static_cast<unsigned>(*part), static_cast<unsigned>(*parts)};
}

Result<PartWritten> write_detect_part(checkpoint::ReadingList& suspect,
                                      verify::DetectRequest request, PartNumber number,
                                      const std::string& output, bool replace) {
  if (request.sites == verify::kHeadAlone) {
    return Error(ErrorCode::invalid_argument,
                 "the output head is one matrix, and there is nothing to split")
        .with_hint("detect without --part, or with other --sites");
  }
  if (Status status = try_output(output, replace); !status) return std::move(status).error();
  embed::PartSums sums(number.part, number.parts);
  request.full = true;
  request.is_sparing = false;
  request.parts = &sums;
  const auto identity = part_identity(suspect, request);
  if (!identity) return identity.error();
  if (const auto read = verify::detect(suspect, request); !read) return read.error();
  if (sums.own().empty() && !sums.faults().empty()) {
    return Error(ErrorCode::io, cat("nothing could be read: ", sums.faults().front()));
  }
  Status status = embed::write_part(output, *request.master, *identity, sums, replace);
  if (!status) return std::move(status).error();
  PartWritten out{.scans = sums.own().size(), .bytes_read = 0, .faults = sums.faults()};
  for (const auto& [name, sum] : sums.own()) {
    out.bytes_read += sum.facts.back() + (sum.plain ? sum.plain->counts[1] : 0);
  }
  std::error_code ignored;
  out.bytes_written = std::filesystem::file_size(output, ignored);
  return out;
}

Result<embed::PartSums> merge_detect_parts(const std::vector<std::string>& paths,
                                           checkpoint::ReadingList& suspect,
                                           const verify::DetectRequest& request) {
  const auto own = part_identity(suspect, request);
  if (!own) return own.error();
  std::vector<std::vector<std::string>> files;  // by part
  std::optional<embed::PartSums> out;
  for (const std::string& path : paths) {
    const auto part = embed::read_part(path, *request.master);
    if (!part) return part.error();
    const std::string name = escaped(path);
    Status status = check_identity(part->identity, *own);
    if (!status) return std::move(status).error().within(name);
    if (!out) {
      out = embed::PartSums::merge_of(part->parts);
      files.resize(part->parts);
    }
    if (part->parts != files.size()) {
      return Error(ErrorCode::invalid_argument,
                   cat(name, ": is one of ", part->parts, " parts, and others of ", files.size()))
          .with_hint("merge the parts of one run");
    }
    auto& same = files[part->part - 1];
    same.push_back(name);
    if (same.size() > 1) continue;  // check_numbers() refuses it
    status = out->add(part->sums);
    if (!status) return std::move(status).error().within(name);
  }
  if (!out) return Error(ErrorCode::invalid_argument, "no part is given");
  if (Status status = check_numbers(files, suspect); !status) return std::move(status).error();
  return *std::move(out);
}

}  // namespace wmk::library
