#include "cli/detect/detect_part.h"

#include "base/json.h"
#include "base/text.h"
#include "library/models/detect_parts.h"

namespace wmk::cli {

namespace {

using library::PartNumber;
using library::PartWritten;

std::string part_text(const DetectOptions& options, PartNumber number, const PartWritten& written,
                      double seconds) {
  return cat("part ", number.part, " of ", number.parts, " is in ", escaped(options.part_output),
             " (secret: its sums depend on the key)\n  ", written.scans, " scans, read ",
             si(static_cast<double>(written.bytes_read), "B"), ", wrote ",
             si(static_cast<double>(written.bytes_written), "B"), " in ", duration(seconds),
             "\n  next: weightmark detect ", escaped(remote::without_secrets(options.model)),
             " --key KEY --merge FILES, once all ", number.parts, " parts are there\n");
}

std::string part_json(const DetectOptions& options, PartNumber number, const PartWritten& written,
                      double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/detect-part/v1");
  out.member("part", static_cast<uint64_t>(number.part));
  out.member("parts", static_cast<uint64_t>(number.parts)).member("file", options.part_output);
  out.member("scans", static_cast<uint64_t>(written.scans));
  out.member("bytes_read", written.bytes_read).member("bytes_written", written.bytes_written);
  out.key("faults").begin_array();
  for (const std::string& fault : written.faults) out.value(fault);
  return out.end_array().member("seconds", seconds).end_object().finish();
}

}  // namespace

int detect_part(const DetectOptions& options, const Wanted& wanted) {
  const Stopwatch stopwatch;
  const auto number = library::part_number(options.part);
  if (!number) return fail(number.error());
  auto suspect = open_suspect(options.model, options.common, options.base);
  if (!suspect) return fail(suspect.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  const auto prepared = prepare_detection(options, wanted, *suspect, bar);
  if (!prepared) return fail(prepared.error());
  const auto written = library::write_detect_part(*suspect, prepared->request, *number,
                                                  options.part_output, options.force);
  if (!written) return fail(written.error());
  if (!written->faults.empty()) {
    warn(cat(written->faults.size(), " scans could not be read, and are left to the merge: ",
             escaped(written->faults.front())));
  }
  const double seconds = stopwatch.seconds();
  say(options.common.json ? part_json(options, *number, *written, seconds)
                          : part_text(options, *number, *written, seconds));
  return kYes;
}

}  // namespace wmk::cli
