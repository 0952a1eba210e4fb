// What a server and its index say, and the addresses that are made of it.
#include <cstdlib>

#include "remote/content_range.h"
#include "remote/file_names.h"
#include "remote/hub.h"
#include "tests/fuzz/support/workbench.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace remote = wmk::remote;
  const std::string input(wmk::fuzz::as_input(data, size));
  if (const auto range = remote::parse_content_range(input)) {
    require(range->first <= range->last && range->last < range->size);
  }
  require(remote::parse_retry_after(input, 60).value_or(0) <= 60);
  if (const auto repository = remote::parse_repository(input)) {
    require(repository->owner.find('/') == std::string::npos && repository->owner != "..");
  }
  for (const std::string& part : remote::parts_of(input)) require(part.size() == input.size());
  if (const auto shards = remote::shards_of_index(input)) {
    for (const std::string& name : *shards) require(name.find('/') == std::string::npos);
  }
  const auto url = remote::Url::parse(input);
  if (!url) return 0;
  // What is shown parses again, and a file beside it has the same server.
  const auto beside = remote::Url::parse(url->beside(url->file_name()).text());
  require(beside && beside->has_origin_of(*url));
  return 0;
}
