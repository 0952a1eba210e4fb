// Warnings about an adapter that is read over a base.
//
// Thread-safety: main thread only.
#pragma once

#include <string>

namespace wmk::cli {

// Warns if the adapter names another base than `base`, or none.
void warn_about_named_base(const std::string& adapter, const std::string& base);

// The same, and that the base alone may carry the mark.
void warn_about_base(const std::string& adapter, const std::string& base);

}  // namespace wmk::cli
