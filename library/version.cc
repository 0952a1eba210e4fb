#include "weightmark/version.h"

namespace weightmark {

std::string_view version() { return WMK_VERSION; }

}  // namespace weightmark
