"""The functions that make the suspects of rows.py, by name."""
import pathlib
import sys

import basis
import donors
import experts
import fitted
import folders
import names
import neurons
import numbers_stored
import others
import rows
import tokenizers
import tokens

sys.path.append(str(pathlib.Path(__file__).with_name("attention")))
import heads  # noqa: E402
import names_of_heads  # noqa: E402

MODULES = (neurons, basis, experts, names, tokens, tokenizers, numbers_stored, folders, others,
           fitted, donors, heads, names_of_heads)
# Not suspects: what a row needs beside one.
BASES = ("layernorm_model", "fitted_release", "random_model")


def makers():
    wanted = {row.name for row in rows.ROWS} | set(BASES)
    found = {name: vars(module)[name] for module in MODULES for name in wanted
             if name in vars(module)}
    assert set(found) == wanted, wanted - set(found)
    return found
