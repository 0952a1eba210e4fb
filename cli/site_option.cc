#include "cli/site_option.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::cli {

Result<embed::Sites> sites_of(std::string_view text) {
  embed::Sites out;
  while (true) {
    const std::string_view word = text.substr(0, text.find(','));
    const auto site = std::find_if(embed::kSites.begin(), embed::kSites.end(),
                                   [&](embed::Site each) { return to_string(each) == word; });
    if (site == embed::kSites.end()) {
      return Error(ErrorCode::invalid_argument,
                   cat("--sites: '", escaped(word), "' is not ffn, heads or output"));
    }
    out[*site] = true;
    if (word.size() == text.size()) return out;
    text.remove_prefix(word.size() + 1);
  }
}

}  // namespace wmk::cli
