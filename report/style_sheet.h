// The style of every page: light and dark mode, narrow and wide screens, print.
//
// Lifetime: a literal. It loads nothing; fonts are those of the reader's machine.
#pragma once

namespace wmk::report {

extern const char kStyleSheet[];

}  // namespace wmk::report
