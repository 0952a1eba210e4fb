#include "tests/unit/no_exchange.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace wmk::test {

#if defined(__x86_64__) || defined(__aarch64__)
namespace {

std::atomic<int> renames_left;

#if defined(__x86_64__)
constexpr unsigned kRename = SYS_rename;
auto& argument(ucontext_t* context, int number) {
  constexpr int kNames[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10};
  return context->uc_mcontext.gregs[kNames[number]];
}
auto& answer(ucontext_t* context) { return context->uc_mcontext.gregs[REG_RAX]; }
#else
constexpr unsigned kRename = SYS_renameat;  // there is no other
auto& argument(ucontext_t* context, int number) { return context->uc_mcontext.regs[number]; }
auto& answer(ucontext_t* context) { return context->uc_mcontext.regs[0]; }
#endif

// Does a plain rename in the form that the filter lets through, or ends the process.
void on_rename(int, siginfo_t* info, void* raw_context) {
  if (renames_left-- == 0) ::_exit(kKilledAtRename);
  auto* context = static_cast<ucontext_t*>(raw_context);
  const bool has_folders = static_cast<unsigned>(info->si_syscall) == SYS_renameat;
  const auto from = argument(context, has_folders ? 1 : 0);
  const auto to = argument(context, has_folders ? 3 : 1);
  const int saved = errno;
  const long done = ::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  answer(context) = done == 0 ? 0 : -errno;
  errno = saved;
}

}  // namespace

bool begin_no_exchange(int renames) {
  renames_left = renames;
  struct sigaction action = {};
  action.sa_sigaction = on_rename;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return false;
  constexpr unsigned kFlags = offsetof(seccomp_data, args) + 4 * sizeof(uint64_t);  // low half
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kRename, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFlags),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {static_cast<unsigned short>(std::size(filter)), filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
bool begin_no_exchange(int) { return false; }
#endif

}  // namespace wmk::test
