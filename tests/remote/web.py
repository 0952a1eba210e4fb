"""A real nginx on the loopback that serves a folder, for tests and measurements.

Takes the nginx of the system or, where there is none, that of Debian's package, unpacked into
build/remote and not installed: an installed one would be started as a service. Not thread-safe.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
UNPACKED = TOP / "build" / "remote" / "nginx"
CONFIGURATION = """
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format ranges '$uri $status $body_bytes_sent $http_range';
  access_log {folder}/access.log ranges;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  default_type application/octet-stream;
{servers}
}}
"""
SERVER = """
  server {{
    listen 127.0.0.1:{port};
    root {root};
{rules}
  }}
"""


def unpack():
    """The program in Debian's package, or None if there is no way to it."""
    program = UNPACKED / "usr" / "sbin" / "nginx"
    if program.exists():
        return program
    UNPACKED.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "-qq", "nginx"], cwd=UNPACKED, check=True,
                       capture_output=True, timeout=120)
        package = next(UNPACKED.glob("nginx_*.deb"))
        subprocess.run(["dpkg", "-x", package, UNPACKED], check=True, capture_output=True)
    except (OSError, StopIteration, subprocess.SubprocessError):
        return None
    return program if program.exists() else None


def find_nginx():
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    return shutil.which("nginx", path=path) or unpack()


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Web:
    """`rules`: for each server, lines of its configuration; they may name "{ports[1]}"."""

    def __init__(self, program, folder, root, rules=("",)):
        self.folder = pathlib.Path(folder)
        self.ports = free_ports(len(rules))
        servers = "".join(SERVER.format(port=port, root=root,
                                        rules=text.replace("{ports[1]}", str(self.ports[-1])))
                          for port, text in zip(self.ports, rules))
        self.folder.mkdir()
        self.folder.chmod(0o755)
        path = self.folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        path.write_text(user + CONFIGURATION.format(folder=self.folder, servers=servers))
        self.process = subprocess.Popen([program, "-c", path, "-e", self.folder / "error.log"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url("/"), timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError("nginx does not start: " + (self.folder / "error.log").read_text())

    def url(self, path, server=0):
        return f"http://127.0.0.1:{self.ports[server]}{path}"

    def lines(self):
        """What was asked for so far."""
        return (self.folder / "access.log").read_text().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
