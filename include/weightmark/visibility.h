// Which symbols the shared library shows.
#pragma once

#define WEIGHTMARK_API __attribute__((visibility("default")))
