// The look of every page: paper and ink, light and dark, narrow, wide and printed.
//
// Lifetime: a literal. It loads nothing: fonts are those that the reader's machine has.
#pragma once

namespace wmk::report {

extern const char kStyleSheet[];

}  // namespace wmk::report
