#include "cli/network.h"

#include "base/text.h"

namespace wmk::cli {

std::string network_line() {
  const auto use = remote::network_use();
  return use ? cat("  ", remote::to_text(*use), "\n") : std::string();
}

void write_network(json::Writer& out) {
  const auto use = remote::network_use();
  out.key("network");
  if (!use) {
    out.null();
    return;
  }
  out.begin_object().member("bytes", use->bytes).member("requests", use->requests);
  out.member("size", use->size).end_object();
}

}  // namespace wmk::cli
