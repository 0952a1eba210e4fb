"""llama.cpp's HTTP server over a GGUF file, from PyPI's xllamacpp: serve_gguf.py FILE.gguf.

Prints its address, and serves until standard input ends. One thread.
"""
import socket
import sys

import xllamacpp


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames, parameters.port = ["127.0.0.1"], free_port()
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = 1024, 1, 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(f"serving {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
