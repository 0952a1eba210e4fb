// The digest of the verdict rules; see claims/commit/commitment.h. WMK_VERDICT_RULES is defined by
// the build.
#include "claims/commit/commitment.h"

namespace wmk::claims {

Bytes verdict_rules() { return *from_hex(WMK_VERDICT_RULES); }

}  // namespace wmk::claims
