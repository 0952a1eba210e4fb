#!/usr/bin/env python3
"""Signs with keys that lie on a token: pkcs11_interop.py [PROGRAM].

The token is SoftHSM (Debian's softhsm2), in a folder of its own, and makes its keys itself (p11tool
of gnutls-bin). The way to it is OpenSSL's engine (Debian's libengine-pkcs11-openssl); where
OpenSSL has pkcs11-provider, or $WMK_PKCS11_PROVIDER names its module, that way is walked too.
Who checks the seals: our verify, `openssl dgst` alone, and the reference signer. Where something is
missing the claims that need it are skipped.
"""
import base64
import contextlib
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import oms_interop  # noqa: E402

PROGRAM = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "weightmark").resolve()
SOFTHSM = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
CURVES = {"P-256": ("secp256r1", "sha256"), "P-384": ("secp384r1", "sha384")}
PIN, NAME = "4711-secret", "interop: a key on a token"
CONFIG = """
openssl_conf = init
[init]
providers = list
[list]
default = usual
pkcs11 = token
[usual]
activate = 1
[token]
module = {provider}
pkcs11-module-path = {softhsm}
pkcs11-module-quirks = no-deinit no-operation-state
activate = 1
"""
EXTENSIONS = "keyUsage=digitalSignature\nextendedKeyUsage=codeSigning\n"


def first_file(paths):
    return next((path for path in paths if path and os.path.isfile(path)), None)


def folder_of(flag):
    said = subprocess.run(["openssl", "version", flag], capture_output=True, text=True, check=True)
    return re.search(r'"(.*)"', said.stdout).group(1)


class Token:
    """A folder with a token, a model, and what is needed to sign the one with the other."""

    def __init__(self, work, softhsm, provider):
        self.work, self.softhsm = work, softhsm
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(work / "softhsm.conf")}
        files = {"softhsm.conf": f"directories.tokendir = {work}/tokens\n", "pin": PIN + "\n",
                 "wrong": "0000-wrong\n", "model/config.json": "{}\n", "empty.cnf": "",
                 "provider.cnf": CONFIG.format(provider=provider, softhsm=softhsm),
                 "extensions": EXTENSIONS, "tokens/.keep": ""}
        for name, content in files.items():
            path = work / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
            path.chmod(0o600)
        self.must("softhsm2-util", "--init-token", "--free", "--label", "releases", "--pin", PIN,
                  "--so-pin", "5678")
        for label, (curve, _) in CURVES.items():
            self.must("p11tool", "--provider", softhsm, "--login", "--set-pin", PIN,
                      "--generate-privkey", "ecdsa", "--curve", curve, "--label", label,
                      "--outfile", f"{label}.pub", "pkcs11:token=releases")

    def call(self, *words, config=None):
        extra = {"OPENSSL_CONF": str(self.work / config)} if config else {}
        done = subprocess.run([str(word) for word in words], cwd=self.work, text=True, check=False,
                              env={**self.environment, **extra}, capture_output=True,
                              stdin=subprocess.DEVNULL, start_new_session=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    def must(self, *words):
        code, said = self.call(*words)
        if code != 0:
            raise RuntimeError(f"{words[0]}: {said}")

    def sign(self, curve, *more, query=None, config="empty.cnf"):
        query = f"?module-path={self.softhsm}" if query is None else query
        (self.work / "it.sig").unlink(missing_ok=True)
        return self.call(PROGRAM, "sign", "model", "--private-key",
                         f"pkcs11:token=releases;object={curve}{query}", "--signature", "it.sig",
                         *(more or ["--password-file", "pin"]), config=config)

    def sign_by_hand(self, curve, pin):
        """With a terminal, on which the PIN is asked and told."""
        (self.work / "it.sig").unlink(missing_ok=True)
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.work)
            os.execve(PROGRAM, ["weightmark", "sign", "model", "--private-key",
                                f"pkcs11:token=releases;object={curve}?module-path={self.softhsm}",
                                "--signature", "it.sig"], self.environment)
        said = b""
        with contextlib.suppress(OSError):  # how a terminal tells its end
            while part := os.read(terminal, 4096):
                if b"PIN of the token: " not in said and b"PIN of the token: " in said + part:
                    os.write(terminal, f"{pin}\n".encode())
                said += part
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode()

    def verify(self, curve):
        return self.call(PROGRAM, "verify", "model", "--signature", "it.sig",
                         "--public-key", f"{curve}.pub")


def problems_of(*answers):
    return [f"exit code {code}: {said}" for code, said in answers if code != 0]


def openssl_alone(token, curve):
    """The signature over the encoded payload, by `openssl dgst` and the exported key."""
    envelope = json.loads((token.work / "it.sig").read_text())["dsseEnvelope"]
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    (token.work / "pae").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload),
                                                              payload))
    (token.work / "der").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    return token.call("openssl", "dgst", f"-{CURVES[curve][1]}", "-verify", f"{curve}.pub",
                      "-signature", "der", "pae")


def signed_and_verified(token, curve, **how):
    """By us and by openssl, with the exported key."""
    return problems_of(token.sign(curve, **how)) or problems_of(token.verify(curve),
                                                               openssl_alone(token, curve))


def by_reference(reference, token, curve):
    good, said = reference.call("verify", "key", token.work / "model", "--signature",
                                token.work / "it.sig", "--public_key", token.work / f"{curve}.pub")
    return 0 if good else 1, said


def check_curves(token, reference, report):
    for curve in CURVES:
        report.check(f"{NAME}: signs, {curve}; we and openssl dgst verify with the exported key",
                     signed_and_verified(token, curve))
        claim = f"{NAME}: the reference signer verifies, {curve}"
        if reference is None:
            report.skip(claim, "the reference signer cannot be installed")
        else:
            report.check(claim, problems_of(by_reference(reference, token, curve)))


def check_ways_of_asking(token, report):
    module = f"module-path={token.softhsm}"
    report.check(f"{NAME}: p11-kit finds the token's library where none is named",
                 signed_and_verified(token, "P-384", query=""))
    by_source = token.sign("P-256", "--quiet", query=f"?{module}&pin-source=file:{token.work}/pin")
    report.check(f"{NAME}: pin-source names the file of the PIN",
                 problems_of(by_source) or problems_of(token.verify("P-256")))
    code, said = token.sign_by_hand("P-256", PIN)
    report.check(f"{NAME}: the PIN is asked on the terminal, and not shown",
                 problems_of((code, said)) or problems_of(token.verify("P-256"))
                 or (["the PIN was shown"] if PIN in said else []))
    cases = {
        "a wrong PIN": (token.sign("P-256", "--password-file", "wrong"), "wrong PIN"),
        "no PIN and nobody to ask": (token.sign("P-256", "--quiet"), "no terminal"),
        "no such object": (token.sign("P-521"), "no such private key"),
        "no such library": (token.sign("P-256", query="?module-path=/no/such.so"), "such.so"),
        "a PIN in the URI": (token.sign("P-256", query=f"?{module}&pin-value={PIN}"),
                             "read by others"),
    }
    for what, ((code, said), word) in cases.items():
        right = (code == 2 and word in said and PIN not in said and "0000-wrong" not in said
                 and not (token.work / "it.sig").exists())
        report.check(f"{NAME}: {what} is told, and nothing is written",
                     [] if right else [f"exit code {code}: {said}"])


def check_certificate(token, report):
    """The key on the token, its certificate in a file; the authority's key is an ordinary one."""
    token.must("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-subj", "/CN=root", "-keyout", "ca.key", "-out", "ca.pem")
    # The request cannot be signed off the token: the certificate is made for the exported key.
    token.must("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-subj", "/CN=Release team", "-keyout", "any.key", "-out", "any.csr")
    token.must("openssl", "x509", "-req", "-in", "any.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
               "-force_pubkey", "P-256.pub", "-extfile", "extensions", "-out", "team.pem")
    with_it = ["--password-file", "pin", "--signing-certificate", "team.pem"]
    verified = [PROGRAM, "verify", "model", "--signature", "it.sig", "--certificate-chain",
                "ca.pem", "--require-code-signing"]
    report.check(f"{NAME}: signs beside a certificate in a file",
                 problems_of(token.sign("P-256", *with_it), token.call(*verified)))
    code, said = token.sign("P-384", *with_it)
    report.check(f"{NAME}: a certificate of another key is refused",
                 [] if code == 2 and "certifies another key" in said else [said])


def check_provider(token, provider, report):
    claim = f"{NAME}: signs through OpenSSL's provider"
    if not provider:
        report.skip(claim, "OpenSSL has no pkcs11-provider here ($WMK_PKCS11_PROVIDER)")
        return
    for curve in CURVES:
        report.check(f"{claim}, {curve}",
                     signed_and_verified(token, curve, query="", config="provider.cnf"))
    code, said = token.sign("P-256", "--password-file", "wrong", query="", config="provider.cnf")
    right = code == 2 and "PIN is wrong" in said and "0000-wrong" not in said
    report.check(f"{NAME}: a wrong PIN is told by the provider, too", [] if right else [said])


def check_no_way(token, report):
    """An engine folder without an engine in it, and no provider."""
    token.environment["OPENSSL_ENGINES"] = str(token.work)
    code, said = token.sign("P-256")
    del token.environment["OPENSSL_ENGINES"]
    report.check(f"{NAME}: without engine and provider it is said what to install",
                 [] if code == 2 and "libengine-pkcs11-openssl" in said else [said])


def missing():
    if not first_file(SOFTHSM) or not shutil.which("softhsm2-util"):
        return "softhsm2 is not installed"
    if not shutil.which("p11tool"):
        return "gnutls-bin is not installed"
    if not os.path.isfile(f"{folder_of('-e')}/pkcs11.so"):
        return "libengine-pkcs11-openssl is not installed"
    return None


def main():
    report = claims.Claims()
    if reason := missing():
        report.skip(NAME, reason)
        return report.finish()
    provider = first_file([os.environ.get("WMK_PKCS11_PROVIDER"), f"{folder_of('-m')}/pkcs11.so"])
    python = oms_interop.python_venv.with_modules(oms_interop.PACKAGES, "oms")
    with contextlib.ExitStack() as stack:
        work = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        reference = None
        if python:
            reference = stack.enter_context(contextlib.closing(oms_interop.Reference(python)))
        token = Token(work, first_file(SOFTHSM), provider)
        check_curves(token, reference, report)
        check_ways_of_asking(token, report)
        check_certificate(token, report)
        check_provider(token, provider, report)
        check_no_way(token, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
