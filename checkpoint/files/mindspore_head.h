// How a checkpoint of MindSpore begins.
//
// Purpose: the format has no signature, so its first fields are checked against each other.
// Thread-safety: pure function.
#pragma once

#include <string_view>

namespace wmk::checkpoint {

// `head` is the first bytes of a file: a protobuf message whose first entry is filled by a name and
// a tensor, which begins with dimensions and the name of a type.
bool is_mindspore_head(std::string_view head);

}  // namespace wmk::checkpoint
