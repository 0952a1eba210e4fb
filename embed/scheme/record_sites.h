// The sites of a mark in its record, and what was read back of each (specs/mark-record.md 1.5).
//
// Thread-safety: pure functions.
#pragma once

#include <optional>

#include "embed/scheme/record.h"
#include "proto/mark_record.pb.h"

namespace wmk::embed {

void put_sites(const MarkRecord& record, proto::MarkRecord& out);
// Fills the sites of `out`, whose number of shares is known. False if they are impossible.
bool take_sites(const proto::MarkRecord& from, MarkRecord& out);
// The same for what was read back, after take_sites().
bool take_read_back(const proto::MarkRecord& from, MarkRecord& out);

}  // namespace wmk::embed
