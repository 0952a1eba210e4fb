#include "library/words/site_names.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::library {

Result<embed::Sites> sites_of(const std::string& text) {
  embed::Sites out;
  for (size_t first = 0; first <= text.size();) {
    const size_t end = std::min(text.find(',', first), text.size());
    const std::string name = text.substr(first, end - first);
    const auto site = std::find_if(embed::kSites.begin(), embed::kSites.end(),
                                   [&](embed::Site each) { return to_string(each) == name; });
    if (site == embed::kSites.end()) {
      return Error(ErrorCode::invalid_argument,
                   cat("--sites names 'ffn', 'heads' or 'output', not '", escaped(name), "'"));
    }
    out[*site] = true;
    first = end + 1;
  }
  return out;
}

}  // namespace wmk::library
