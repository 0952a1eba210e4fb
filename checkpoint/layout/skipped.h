// Parts of a model that are in the files and not read: counted, and noted with the reason.
//
// Purpose: whoever judges a model must know how much of it was read (Anatomy::skipped).
// Thread-safety: pure functions.
#pragma once

#include "checkpoint/layout/anatomy.h"
#include "checkpoint/layout/duplicates.h"
#include "checkpoint/layout/quantised.h"

namespace wmk::checkpoint {

// FFNs of which nothing is read because of their encoding.
void skip_unread(const UnreadQuantised& unread, const NamingFamily& family, Anatomy& anatomy);
// Layers without an FFN that hold tensors of unknown names where the family has its FFN.
void skip_unexplained(const NameTable& names, const NamingFamily& family, Anatomy& anatomy);
// Copies behind other wrappers whose values differ.
void skip_differing(const std::vector<Tensor>& tensors, const Duplicates& duplicates,
                    const NamingFamily& family, Anatomy& anatomy);

// A note for each entry of Anatomy::skipped.
void note_skipped(Anatomy& anatomy);

}  // namespace wmk::checkpoint
