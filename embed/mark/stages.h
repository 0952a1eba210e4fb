// The order in which a copy is written: file by file, so that files are complete one by one.
//
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::embed {

// What is written at the same time.
struct Stage {
  std::vector<size_t> files;        // whose other bytes are copied
  std::vector<size_t> groups;       // index into Anatomy::groups: their neurons are marked
  std::vector<size_t> head_layers;  // index into Heads::layers
  std::vector<size_t> finished;     // files that are complete after this stage
};

// Neurons are marked with the first of their files. Heads wait for the last of theirs, because
// copying writes over them, and for one stage more, so that they keep few workers waiting.
std::vector<Stage> stages_of(const checkpoint::Checkpoint& checkpoint,
                             const checkpoint::Anatomy& anatomy, bool ffn, bool heads);

// The files that hold a group, and those of a layer's heads that marking writes.
std::vector<size_t> files_of(const checkpoint::Checkpoint& checkpoint,
                             const checkpoint::UnitGroup& group);
std::vector<size_t> files_of(const checkpoint::Checkpoint& checkpoint,
                             const checkpoint::HeadLayer& layer);

}  // namespace wmk::embed
