// The tiles that an append adds to a log (specs/log.md 4).
//
// Thread-safety: pure functions; remove_completed() changes the folder.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "claims/log/staging.h"
#include "claims/log/tile_store.h"

namespace wmk::claims {

// Stages all tiles that a log of `size` entries gains by these entries.
Status add_new_tiles(const TileStore& store, uint64_t size, std::span<const std::string> entries,
                     Staging& staging);
// Removes partial tiles whose full tiles are part of the log since it grew from `before` to
// `after`.
void remove_completed(const std::filesystem::path& log, uint64_t before, uint64_t after);

}  // namespace wmk::claims
