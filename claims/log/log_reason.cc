#include "claims/log/log_reason.h"

namespace wmk::claims {

std::string_view to_string(LogCode code) {
  switch (code) {
    case LogCode::log_unknown:
      return "log_unknown";
    case LogCode::log_signature:
      return "log_signature";
    case LogCode::witness_signature:
      return "witness_signature";
    case LogCode::quorum:
      return "quorum";
    case LogCode::not_included:
      return "not_included";
    case LogCode::inconsistent:
      return "inconsistent";
    case LogCode::entries_missing:
      return "entries_missing";
    case LogCode::entries_malformed:
      return "entries_malformed";
    case LogCode::tile_missing:
      return "tile_missing";
    case LogCode::tile_differs:
      return "tile_differs";
    case LogCode::root_differs:
      return "root_differs";
    case LogCode::old_size:
      return "old_size";
  }
  return "";
}

}  // namespace wmk::claims
