#!/usr/bin/env python3
"""Does only `remote` open connections, and nothing start a program (specs/threat_model.md, N1)?

A search of the sources for the calls that would do so. The library of a token, which a user names
in a pkcs11: URI, is outside of this.
"""
import pathlib
import re
import sys

from tree import claims, files, read

HEADERS = re.compile(r"#\s*include\s*<(?:sys/socket|netdb|netinet/|arpa/|curl/|spawn)[^>]*>")
NETWORK = "remote"  # the module that reads what the user names by its address
CURL = re.compile(r"#\s*include\s*<curl/[^>]*>")
CALLS = re.compile(r"(?<![\w.>])(?:std::|::)?(?:system|popen|v?fork|posix_spawnp?|"
                   r"exec(?:l|v|ve|vp|lp|le|vpe)|socket|connect|getaddrinfo)\s*\("
                   r"|\b(?:BIO_new_connect|BIO_s_connect|BIO_new_ssl_connect|OSSL_HTTP_\w+)\b")


def problems(path, text):
    is_network = pathlib.PurePath(path).parts[0] == NETWORK
    return [f"{path}:{number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1)
            if not line.lstrip().startswith("//") and not (is_network and CURL.search(line))
            and (HEADERS.search(line) or CALLS.search(line))]


def self_problems():
    bad = ["#include <sys/socket.h>", 'system("ls");', "  ::fork();", "return popen(a, b);",
           "BIO_new_connect(host);", "  execvp(a, b);", "#include <curl/curl.h>"]
    good = ["lab::clone_units(model);", "// system() is never called", "file.system(1);"]
    return ([f"not found: {line}" for line in bad if not problems("x.cc", line)]
            + ([] if problems("remote/x.cc", bad[0]) else ["a socket in remote was not found"])
            + ([] if not problems("remote/x.cc", bad[-1]) else ["libcurl in remote is allowed"])
            + [f"taken for wrong: {line}" for line in good if problems("x.cc", line)])


def main():
    sources = [path for path in files()
               if path.suffix in (".cc", ".h") and path.parts[0] != "tests"]
    report = claims.Claims()
    report.check("offline: planted calls are found", self_problems())
    report.check("offline: only remote opens connections, by libcurl, and none starts a program",
                 [problem for path in sources for problem in problems(path, read(path))])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
