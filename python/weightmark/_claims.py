"""Claims: decide offline whether one stands."""
from __future__ import annotations

from collections.abc import Sequence

from . import _core
from ._claims_values import Arbitration, CaseFinding, CaseLink, CaseWeight, CrossZ
from ._memory import path_of, paths_of
from ._progress import teller


def arbitrate(claim, *, trust, suspect=None, logits: Sequence = (), tokenizer=None,
              acquisition=None, controls: Sequence = (), logs: Sequence = (), release=None,
              counterclaim=None, counter_release=None, ignore_paths: Sequence = (),
              threads: int = 0, progress=None) -> Arbitration:
    """Does the claim in the folder `claim` stand?

    Reads the papers first, and a model only if they are good. Nothing that a party brings is a
    root of trust: those are in `trust`, which is yours. Making claims (commit, disclose, log) and
    the report: `weightmark commit`, `weightmark arbitrate --report`.

    Args:
        claim: the claimant's folder (`weightmark claim pack`).
        trust: your own folder of keys, authorities and policy.
        suspect: path of the model in dispute; or else
        logits: files of logits of the service in dispute, with
        tokenizer: the folder of their tokenizer.
        acquisition: where the suspect came from, and who vouches for it (JSON).
        controls: public ancestors of the suspect, which must not show the mark.
        logs: your copies of logs of the policy, to count commitments.
        release: the claimant's marked release, as its statement has it.
        counterclaim, counter_release: the opponent's claim and release.
        ignore_paths: files or folders to leave out of the roots of models.
        progress: True, False, None (a bar on a terminal if tqdm is installed), or a function
            (stage, done, total, are_bytes).

    Raises:
        Error: if the request does not fit together, or a file cannot be read. A claim that does
            not stand is an answer.
    """
    with teller(progress) as told:
        found = _core.arbitrate(path_of(claim), path_of(trust), path_of(suspect), paths_of(logits),
                                path_of(tokenizer), path_of(acquisition), paths_of(controls),
                                paths_of(logs), path_of(release), path_of(counterclaim),
                                path_of(counter_release), paths_of(ignore_paths), threads, told)
    found["findings"] = [CaseFinding(*each) for each in found["findings"]]
    found["cross"] = [CrossZ(*each) for each in found["cross"]]
    found["link"] = found["link"] and CaseLink(**found["link"])
    found["weight"] = found["weight"] and CaseWeight(**found["weight"])
    return Arbitration(**found)
