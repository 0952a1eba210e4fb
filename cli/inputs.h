// Inputs of commands: models, keys, records.
//
// Thread-safety: main thread only.
#pragma once

#include <filesystem>
#include <string>

#include "cli/command.h"
#include "crypto/key_file.h"
#include "library/models/open_model.h"
#include "remote/localise.h"

namespace wmk::cli {

using library::load_record;
using library::ModelView;
using library::OpenedModel;

// As the options name it.
library::ModelPlace place_of(const std::string& path, const CommonOptions& common,
                             const std::string& base = {});

// Prints notes about the model to stderr unless --quiet. If `base` is not empty the model is an
// adapter, which is merged into that base while it is read.
Result<OpenedModel> open_model(const std::string& path, const CommonOptions& common,
                               const std::string& base = {});

// The same, but a tokenizer that cannot be read is a note, and a fault of the vocabulary.
Result<OpenedModel> open_declared(const std::string& path, const CommonOptions& common,
                                  const std::string& base = {});

// The readings of a suspect, whose owner must not be able to stop the reading: an Error only if
// no reading can be made. Notes are those of the declared reading, or say why there is none.
Result<checkpoint::ReadingList> open_suspect(const std::string& path, const CommonOptions& common,
                                             const std::string& base = {});

struct KeyOptions {
  std::string path;
  std::string passphrase_file;
};
// Returns --key.
Option add_key_options(Command command, KeyOptions& options, bool is_required = true);

// Warns about a key file that other users can read; asks for the passphrase of a sealed key.
Result<crypto::SecretBytes> load_key(const KeyOptions& options);

// Reads a passphrase from the terminal without echo, or the first line of a file. `option` is the
// option that the error suggests if there is no terminal.
Result<crypto::SecretBytes> ask_passphrase(const char* prompt,
                                           const char* option = "--passphrase-file");
Result<crypto::SecretBytes> read_passphrase_file(const std::string& path);

}  // namespace wmk::cli
