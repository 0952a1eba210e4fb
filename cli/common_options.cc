#include "base/parallel.h"
#include "cli/command.h"

namespace wmk::cli {

unsigned CommonOptions::thread_count() const { return threads == 0 ? default_threads() : threads; }

void add_output_options(Command command, CommonOptions& options) {
  command.add_flag("--json", options.json, "print one JSON document instead of text");
  command.add_flag("--quiet", options.quiet, "no progress bar, no notes");
  command.add_option("--progress", options.progress, "progress bar: auto, always or never")
      .one_of({"auto", "always", "never"});
  command.add_option("--threads", options.threads, "worker threads (default: all processors)")
      .at_most(1024);
}

void add_common_options(Command command, CommonOptions& options) {
  add_output_options(command, options);
  command.add_option("--naming", options.naming,
                     "file of rules for tensor names (share/doc/weightmark/specs/naming.md)");
}

}  // namespace wmk::cli
