// What the processes of a command need of MPI: whole messages, to and from the first process.
//
// Thread-safety: main thread. Errors of MPI itself end all processes, as MPI does by default.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mpi/processes.h"

namespace wmk::mpi::transport {

void begin(int& argc, char**& argv);
Place place();

// To the first process. With `seconds`: whether it took the message within so many of them.
bool send_to_first(std::string_view bytes, std::optional<double> seconds);
// From process `number`; none: nothing came within so many seconds.
std::optional<std::string> receive(unsigned number, std::optional<double> seconds);
// The bytes of the first process, to all.
void broadcast(std::string& bytes);

void end();
[[noreturn]] void abort(int code);

}  // namespace wmk::mpi::transport
