#!/usr/bin/env python3
"""Signs with keys on a token: pkcs11_interop.py [PROGRAM].

The token is SoftHSM (Debian's softhsm2) in a temporary folder; its keys are generated on the token
(p11tool of gnutls-bin). It is accessed through OpenSSL's engine (Debian's
libengine-pkcs11-openssl), and also through pkcs11-provider if OpenSSL has it or
$WMK_PKCS11_PROVIDER names its module. The signatures are verified by our verify, by `openssl dgst`
alone and by the reference signer. Claims that need something that is missing are skipped.
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
    done = subprocess.run(["openssl", "version", flag], capture_output=True, text=True, check=True)
    return re.search(r'"(.*)"', done.stdout).group(1)


class Token:
    """A folder with a token, a model, and the files needed to sign the model."""

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

    def call(self, *arguments, config=None):
        extra = {"OPENSSL_CONF": str(self.work / config)} if config else {}
        done = subprocess.run([str(argument) for argument in arguments], cwd=self.work, text=True,
                              check=False, env={**self.environment, **extra}, capture_output=True,
                              stdin=subprocess.DEVNULL, start_new_session=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    def must(self, *arguments):
        code, output = self.call(*arguments)
        if code != 0:
            raise RuntimeError(f"{arguments[0]}: {output}")

    def sign(self, curve, *more, query=None, config="empty.cnf"):
        query = f"?module-path={self.softhsm}" if query is None else query
        (self.work / "it.sig").unlink(missing_ok=True)
        return self.call(PROGRAM, "sign", "model", "--private-key",
                         f"pkcs11:token=releases;object={curve}{query}", "--signature", "it.sig",
                         *(more or ["--password-file", "pin"]), config=config)

    def sign_with_terminal(self, curve, pin):
        """Enters the PIN on a terminal."""
        (self.work / "it.sig").unlink(missing_ok=True)
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.work)
            os.execve(PROGRAM, ["weightmark", "sign", "model", "--private-key",
                                f"pkcs11:token=releases;object={curve}?module-path={self.softhsm}",
                                "--signature", "it.sig"], self.environment)
        output = b""
        with contextlib.suppress(OSError):  # raised at the end of a terminal
            while part := os.read(terminal, 4096):
                if b"PIN of the token: " not in output and b"PIN of the token: " in output + part:
                    os.write(terminal, f"{pin}\n".encode())
                output += part
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), output.decode()

    def verify(self, curve):
        return self.call(PROGRAM, "verify", "model", "--signature", "it.sig",
                         "--public-key", f"{curve}.pub")


def problems_of(*answers):
    return [f"exit code {code}: {output}" for code, output in answers if code != 0]


def openssl_alone(token, curve):
    """Verifies the signature over the encoded payload by `openssl dgst` and the exported key."""
    envelope = json.loads((token.work / "it.sig").read_text())["dsseEnvelope"]
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    (token.work / "pae").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload),
                                                              payload))
    (token.work / "der").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    return token.call("openssl", "dgst", f"-{CURVES[curve][1]}", "-verify", f"{curve}.pub",
                      "-signature", "der", "pae")


def signed_and_verified(token, curve, **how):
    """Verified by us and by openssl, with the exported key."""
    return problems_of(token.sign(curve, **how)) or problems_of(token.verify(curve),
                                                               openssl_alone(token, curve))


def by_reference(reference, token, curve):
    good, output = reference.call("verify", "key", token.work / "model", "--signature",
                                token.work / "it.sig", "--public_key", token.work / f"{curve}.pub")
    return 0 if good else 1, output


def check_curves(token, reference, report):
    for curve in CURVES:
        report.check(f"{NAME}: signs, {curve}; we and openssl dgst verify with the exported key",
                     signed_and_verified(token, curve))
        claim = f"{NAME}: the reference signer verifies, {curve}"
        if reference is None:
            report.skip(claim, "the reference signer cannot be installed")
        else:
            report.check(claim, problems_of(by_reference(reference, token, curve)))


def check_pin_sources(token, report):
    module = f"module-path={token.softhsm}"
    report.check(f"{NAME}: p11-kit finds the token's library if none is named",
                 signed_and_verified(token, "P-384", query=""))
    by_source = token.sign("P-256", "--quiet", query=f"?{module}&pin-source=file:{token.work}/pin")
    report.check(f"{NAME}: pin-source names the PIN file",
                 problems_of(by_source) or problems_of(token.verify("P-256")))
    code, output = token.sign_with_terminal("P-256", PIN)
    report.check(f"{NAME}: the PIN is entered on the terminal and not shown",
                 problems_of((code, output)) or problems_of(token.verify("P-256"))
                 or (["the PIN was shown"] if PIN in output else []))
    cases = {
        "a wrong PIN": (token.sign("P-256", "--password-file", "wrong"), "wrong PIN"),
        "no PIN and no terminal": (token.sign("P-256", "--quiet"), "no terminal"),
        "no such object": (token.sign("P-521"), "no token has such a private key"),
        "no such library": (token.sign("P-256", query="?module-path=/no/such.so"), "such.so"),
        "a PIN in the URI": (token.sign("P-256", query=f"?{module}&pin-value={PIN}"),
                             "other users can read"),
    }
    for what, ((code, output), word) in cases.items():
        right = (code == 2 and word in output and PIN not in output and "0000-wrong" not in output
                 and not (token.work / "it.sig").exists())
        report.check(f"{NAME}: {what} is an error, and nothing is written",
                     [] if right else [f"exit code {code}: {output}"])


def check_certificate(token, report):
    """The key is on the token, its certificate in a file; the authority's key is in a file."""
    token.must("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-subj", "/CN=root", "-keyout", "ca.key", "-out", "ca.pem")
    # The token's key cannot sign the request here: -force_pubkey inserts the exported key instead.
    token.must("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-subj", "/CN=Release team", "-keyout", "any.key", "-out", "any.csr")
    token.must("openssl", "x509", "-req", "-in", "any.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
               "-force_pubkey", "P-256.pub", "-extfile", "extensions", "-out", "team.pem")
    with_it = ["--password-file", "pin", "--signing-certificate", "team.pem"]
    verified = [PROGRAM, "verify", "model", "--signature", "it.sig", "--certificate-chain",
                "ca.pem", "--require-code-signing"]
    report.check(f"{NAME}: signs with a certificate in a file",
                 problems_of(token.sign("P-256", *with_it), token.call(*verified)))
    code, output = token.sign("P-384", *with_it)
    report.check(f"{NAME}: a certificate for another key is refused",
                 [] if code == 2 and "certificate for another key" in output else [output])


def check_provider(token, provider, report):
    claim = f"{NAME}: signs through OpenSSL's provider"
    if not provider:
        report.skip(claim, "OpenSSL has no pkcs11-provider here ($WMK_PKCS11_PROVIDER)")
        return
    for curve in CURVES:
        report.check(f"{claim}, {curve}",
                     signed_and_verified(token, curve, query="", config="provider.cnf"))
    code, output = token.sign("P-256", "--password-file", "wrong", query="", config="provider.cnf")
    right = code == 2 and "PIN is wrong" in output and "0000-wrong" not in output
    report.check(f"{NAME}: a wrong PIN is an error with the provider, too",
                 [] if right else [output])


def check_not_available(token, report):
    """An engine folder without an engine, and no provider."""
    token.environment["OPENSSL_ENGINES"] = str(token.work)
    code, output = token.sign("P-256")
    del token.environment["OPENSSL_ENGINES"]
    report.check(f"{NAME}: without engine and provider the error states what to install",
                 [] if code == 2 and "libengine-pkcs11-openssl" in output else [output])


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
        check_pin_sources(token, report)
        check_certificate(token, report)
        check_provider(token, provider, report)
        check_not_available(token, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
