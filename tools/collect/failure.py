"""What can go wrong while logits are collected, and how untrusted text is shown."""

SHOWN_MAX = 300  # characters of untrusted text in a message or in the sidecar


class Failure(Exception):
    """One clause for the user, and a hint where one helps. Ends the tool with exit code 2."""

    def __init__(self, message, hint=None):
        super().__init__(message)
        self.hint = hint


class TopTokensOnly(Failure):
    """The endpoint lists the likeliest tokens, not all of them."""

    def __init__(self, message):
        super().__init__(message, "a list of the top tokens holds nothing of the head's span. "
                         "Needed: the log-probability of every token, or of most of them, "
                         "chosen without the key, at 300 positions or more. vLLM "
                         "gives it where it was started with --max-logprobs -1, llama.cpp's "
                         "server always (this tool's llama-server); else the operator runs the "
                         "local-model collection before a witness, or shows the weights "
                         "(specs/collecting_logits.md)")


def shown(value):
    """Untrusted text for a message: printable characters on one line, not too many."""
    text = value if isinstance(value, str) else repr(value)
    text = text[:SHOWN_MAX] + ("..." if len(text) > SHOWN_MAX else "")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
