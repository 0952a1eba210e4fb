// A file system that cannot exchange two names, for a child process, by a filter of system calls.
//
//   if (::fork() == 0) {
//     begin_no_exchange(2);  // dies at the third rename
//     ...
//
// Lifetime: until the process ends. Thread-safety: call it before the process starts threads; they
// inherit the filter.
#pragma once

namespace wmk::test {

inline constexpr int kKilledAtRename = 43;

// From now on renameat2() with any flag fails with EINVAL in this process, as it does on file
// systems that support none, and the process exits with kKilledAtRename in place of the first plain
// rename after `renames` of them (negative: never). False if the kernel or the architecture does
// not allow it.
bool begin_no_exchange(int renames);

}  // namespace wmk::test
