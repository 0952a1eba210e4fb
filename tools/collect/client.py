"""A distrustful HTTP client: limited answers, no redirects, a secret that stays secret.

Not thread-safe. The API key goes into one header, and is cut out of everything that a server says,
since messages and the sidecar repeat it.
"""
import http.client
import json
import os
import pathlib
import stat
import time
import urllib.error
import urllib.parse
import urllib.request

from .answers import parse
from .failure import Failure, shown

ERROR_BYTES_MAX = 64 << 10
CHUNK = 1 << 20
TRIES, WAIT_MAX = 5, 60
TRANSIENT = {429, 500, 502, 503, 504}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def api_key(variable, path):
    """The key, from an environment variable or from a file that only its owner reads."""
    if not variable and not path:
        return None
    key = os.environ.get(variable, "").strip() if variable else key_of_file(path)
    # Others could end the header, and errors would repeat them.
    if not key or not all("!" <= c <= "~" for c in key):
        raise Failure(f"{shown(variable or path)} holds no API key")
    return key


def key_of_file(path):
    try:
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            raise Failure(f"{shown(path)}: others can read it", f"chmod 600 {shown(path)}")
        return pathlib.Path(path).read_text("latin-1").strip()
    except OSError as error:
        raise Failure(f"{shown(path)}: {shown(str(error))}") from error


def checked_url(url, has_key):
    """The URL without a slash at its end. It is recorded, so it may hold no secret."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure(f"{shown(url)} is not an http or https URL")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Failure("the URL has a user name, a query or a fragment, which would be recorded",
                      "give the key by --api-key-file or --api-key-env")
    if has_key and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Failure("an API key would be sent without encryption", "use https")
    return url.rstrip("/")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could send the key elsewhere."""

    def redirect_request(self, *_):
        return None


class Client:
    def __init__(self, url, key=None, seconds_max=300):
        self.key, self.seconds_max = key, seconds_max
        self.url = checked_url(url, bool(key))
        self.bytes_max = CHUNK
        near = urllib.parse.urlsplit(self.url).hostname in LOOPBACK
        proxies = [urllib.request.ProxyHandler({})] if near else []
        self.opener = urllib.request.build_opener(NoRedirect, *proxies)

    def clean(self, text):
        """Untrusted text for messages and records, without the key."""
        text = text if isinstance(text, str) else repr(text)
        return shown(text.replace(self.key, "[API key]") if self.key else text)

    def get(self, path):
        """The parsed answer, or None where the server has no such page."""
        status, data = self._send(path, None)
        if status in (401, 403):
            raise Failure(f"{self.url}{path}: HTTP {status}", "--api-key-file or --api-key-env")
        return parse(data, self.url + path) if status == 200 else None

    def post(self, path, body):
        """(status, parsed answer); for a refusal (400 to 499) the start of its text."""
        for attempt in range(TRIES):
            status, data = self._send(path, json.dumps(body).encode())
            if status == 200:
                return status, parse(data, self.url + path)
            if status not in TRANSIENT or attempt == TRIES - 1:
                break
            time.sleep(min(2 ** attempt, WAIT_MAX))
        text = self.clean(data[:ERROR_BYTES_MAX].decode("utf-8", "replace"))
        if 400 <= status < 500 and status not in (401, 403, 404, 429):
            return status, text
        raise Failure(f"{self.url}{path}: HTTP {status}: {text}")

    def _send(self, path, body):
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.url + path, body, headers)
        deadline = time.monotonic() + self.seconds_max
        try:
            with self.opener.open(request, timeout=self.seconds_max) as answer:
                return answer.status, self._read(answer, path, deadline)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(ERROR_BYTES_MAX)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Failure(f"{self.url}{path}: {self.clean(str(error))}") from None

    def _read(self, answer, path, deadline):
        data = bytearray()
        while chunk := answer.read1(CHUNK):
            data += chunk
            if len(data) > self.bytes_max:
                raise Failure(f"{self.url}{path}: its answer has more than {self.bytes_max} bytes")
            if time.monotonic() > deadline:
                raise Failure(f"{self.url}{path}: no whole answer in {self.seconds_max} seconds")
        return bytes(data)
