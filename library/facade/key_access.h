// The secret inside a Key of the facade.
//
// Thread-safety: immutable.
#pragma once

#include "crypto/secret.h"
#include "weightmark/key.h"

struct weightmark::Key::Impl {
  wmk::crypto::SecretBytes secret;
};
