// What commands are given: models, keys, records.
#pragma once

#include <filesystem>
#include <string>

#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/tokenizer.h"
#include "cli/command.h"
#include "crypto/key_file.h"
#include "embed/scheme/record.h"

namespace wmk::cli {

struct OpenedModel {
  checkpoint::Checkpoint checkpoint;
  checkpoint::Config config;
  checkpoint::Anatomy anatomy;
  checkpoint::Vocabulary vocabulary;
};

// Notes about the model go to stderr unless --quiet. Where `base` is not empty the model is an
// adapter, merged into that base as it is read.
Result<OpenedModel> open_model(const std::string& path, const CommonOptions& common,
                               const std::string& base = {});

struct KeyOptions {
  std::string path;
  std::string passphrase_file;
};
void add_key_options(Command command, KeyOptions& options);

// Warns about a key that others can read; asks for the passphrase of a sealed one.
Result<crypto::SecretBytes> load_key(const KeyOptions& options);

// Reads a passphrase from the terminal without showing it, or the first line of a file.
// `option` is what to use instead where there is no terminal.
Result<crypto::SecretBytes> ask_passphrase(const char* prompt,
                                           const char* option = "--passphrase-file");
Result<crypto::SecretBytes> read_passphrase_file(const std::string& path);

// A record that belongs to this key.
Result<embed::MarkRecord> load_record(const std::string& path, const crypto::SecretBytes& key);

}  // namespace wmk::cli
