#ifdef WMK_MPI
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>

#include "mpi/transport.h"

namespace wmk::mpi::transport {

namespace {

constexpr int kTag = 1, kErrorCode = 2;
constexpr timespec kPoll = {0, 1'000'000};

// Asks `is_done` until it says so, or until the time is over.
template <class IsDone>
bool wait_until(const IsDone& is_done, std::optional<double> seconds) {
  const double end = MPI_Wtime() + seconds.value_or(std::numeric_limits<double>::infinity());
  while (!is_done()) {
    if (MPI_Wtime() > end) return false;
    ::nanosleep(&kPoll, nullptr);  // MPI's own waiting takes a whole processor
  }
  return true;
}

bool wait_for(MPI_Request& request, std::optional<double> seconds = std::nullopt) {
  const auto is_done = [&] {
    int flag = 0;
    MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
    return flag != 0;
  };
  return wait_until(is_done, seconds);
}

}  // namespace

void begin(int& argc, char**& argv) {
  int given = 0;  // a detection runs in a worker, while the main thread waits
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &given);
  if (given < MPI_THREAD_SERIALIZED) {
    std::fprintf(stderr, "weightmark: error: this MPI was built without threads\n");
    abort(kErrorCode);
  }
}

Place place() {
  int number = 0, count = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &number);
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  return {static_cast<unsigned>(number), static_cast<unsigned>(count)};
}

bool send_to_first(std::string_view bytes, std::optional<double> seconds) {
  MPI_Request request;
  MPI_Issend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, 0, kTag, MPI_COMM_WORLD,
             &request);
  return wait_for(request, seconds);
}

std::optional<std::string> receive(unsigned number, std::optional<double> seconds) {
  const int from = static_cast<int>(number);
  MPI_Status status;
  const auto is_there = [&] {
    int flag = 0;
    MPI_Iprobe(from, kTag, MPI_COMM_WORLD, &flag, &status);
    return flag != 0;
  };
  if (!wait_until(is_there, seconds)) return std::nullopt;
  int bytes = 0;
  MPI_Get_count(&status, MPI_BYTE, &bytes);
  std::string out(static_cast<size_t>(bytes), '\0');
  MPI_Recv(out.data(), bytes, MPI_BYTE, from, kTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return out;
}

void broadcast(std::string& bytes) {
  uint64_t size = bytes.size();
  MPI_Request request;
  MPI_Ibcast(&size, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD, &request);
  wait_for(request);
  bytes.resize(size);
  MPI_Ibcast(bytes.data(), static_cast<int>(size), MPI_BYTE, 0, MPI_COMM_WORLD, &request);
  wait_for(request);
}

void end() { MPI_Finalize(); }

void abort(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace wmk::mpi::transport
#endif
