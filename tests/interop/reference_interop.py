"""Two implementations of the mark read each other's marks; called by reference_interop.sh.

For a dense and a mixture model, with one and three shares: each side marks all sites (FFN, heads,
output head, without its outlier columns), both detect, z must agree within 1 %, the marked tensors
must be equal except for rounding, and a wrong key must find nothing on either side. The same for
licensee marks and trace. Of heads and output head this program reports what it reads back.
"""
import base64
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
from unittest import mock

import torch
from safetensors.torch import load_file

import small_model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from claims import Claims  # noqa: E402

KEY = "8f1c3a5e7092b4d6f8e1c3a5b7d9e0f21426384a5c6e7f8091a2b3c4d5e6f708"
WRONG = "00000000000000000000000000000000000000000000000000000000000000ff"
LICENSEES = ["acme", "globex", "two words", "\u682a\u5f0f\u4f1a\u793e"]
STRENGTH = "0.01"
Z_MARKED_MIN, Z_WRONG_MAX = 10.0, 6.0
# This program rounds its frame to bf16: one weight in a hundred then rounds to a neighbouring
# value, and a weight near zero, whose neighbours are nearer than that, to one beside them: by at
# most FRAME_ERROR of the change. Larger differences need a tag that changes its sign.
FRAME_ERROR = 2 ** -7
NEIGHBOURS_MAX, CHANGED_WORDS_MAX = 2e-2, 2e-3
# f beside that of the reference (specs/output.md 1.3).
WITHOUT_OUTLIERS = 1.15
MODELS = {"dense": dict(d=256, layers=6, f=2048, vocabulary=6000, seed=1),
          "mixture": dict(d=256, layers=3, f=1024, vocabulary=6000, experts=4, seed=2,
                          with_tokenizer=False)}


class Disagreement(Exception):
    pass


def require(truth, what):
    if not truth:
        raise Disagreement(what)


def run(command, allowed):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    require(done.returncode in allowed,
            f"exit code {done.returncode} of {' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def clip(sketch):
    """The guard, with a floor above the rounding of float32."""
    left, singular, right = torch.linalg.svd(sketch.double(), full_matrices=False)
    some = singular[singular > 1e-6 * singular.max()]
    return ((left * singular.clamp(max=1.5 * some.median().item())) @ right).float()


class Ours:
    def __init__(self, program, folder):
        self.program = program
        self.keys = {}
        for hex_key in (KEY, WRONG):
            path = folder / f"{hex_key[:4]}.key"
            line = base64.b64encode(bytes.fromhex(hex_key)).decode()
            path.write_text(f"weightmark secret key, version 1\n{line}\n")
            path.chmod(0o600)
            self.keys[hex_key] = path
        self.licensees = folder / "licensees.txt"
        self.licensees.write_text("".join(f"{name}\n" for name in LICENSEES), encoding="utf-8")

    def mark(self, model, out, *options):
        """z of each site beside the FFN, as read back."""
        text = run([self.program, "embed", model, "--key", self.keys[KEY], "--strength", STRENGTH,
                    "--verify", "output", "--json", *options, "-o", out], (0,))
        return {site["site"]: site["z"] for site in json.loads(text)["sites"] if "z" in site}

    def detect(self, model, key, shares):
        text = run([self.program, "detect", model, "--key", self.keys[key], "--shares", shares,
                    "--full", "--sites", "ffn", "--json"], (0, 1, 3))
        answer = json.loads(text)
        by_share = {entry["share"]: entry["z"] for entry in answer["shares"]}
        return answer["z"], [by_share[i] for i in range(shares)], answer["tags"]

    def trace(self, model, key):
        text = run([self.program, "trace", model, "--key", self.keys[key], "--licensees",
                    self.licensees, "--json"], (0, 1, 3))
        # The reference scores neurons alone; z adds the output head.
        # The reference scores neurons alone; z adds the output head, where it carries a mark.
        return {entry["id"]: entry.get("z_ffn", entry["z"])
                for entry in json.loads(text)["licensees"]}


def outlier_columns(head):
    """Which columns the directions of an output head leave out (specs/output.md 1.2)."""
    rows, width = head.shape
    panels = -(-2 * width // 256)
    count = min(256, rows // panels)
    sample = torch.cat([head[i * rows // panels:][:count] for i in range(panels)]).double()
    moments = (sample - sample.mean(dim=0)).T @ (sample - sample.mean(dim=0))
    ridge = 1e-3 * moments.diagonal().mean() * torch.eye(width)
    inverse = torch.linalg.inv(moments + ridge).diagonal()
    return inverse.argsort(descending=True)[:width // 32]


class Reference:
    """The reference, inside this process: starting PyTorch for every answer would take minutes."""

    def __init__(self, path):
        spec = importlib.util.spec_from_file_location("ctss", path)
        self.ctss = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.ctss)
        # A sketch of fewer heads than tags has singular values of zero. As it is summed in float32,
        # their rounding would count for the median of the guard.
        self.ctss.clip = clip
        self.mark_all_columns, self.ctss.mark_output = self.ctss.mark_output, self.mark_output

    def mark_output(self, model, structures, rounding_key):
        """Directions without the outlier columns, which the reference does not have."""
        left_out = outlier_columns(model.tensors[self.ctss.output_name(model)].float())
        for each in structures:
            each.directions[:, left_out] = 0
            each.directions /= each.directions.norm(dim=1, keepdim=True)
        self.mark_all_columns(model, structures, rounding_key,
                              WITHOUT_OUTLIERS * self.ctss.OUTPUT_ENERGY)

    def mark(self, model, out, shares, *licensees):
        words = ["mark", model, out, "--key", KEY, "--eps", STRENGTH, "--shares", shares,
                 *(["--licensee", *licensees] if licensees else [])]
        with mock.patch.object(sys, "argv", ["ctss", *map(str, words)]):
            self.ctss.main()

    def detect(self, folder, key, shares, tags):
        ctss, model, pairs = self.ctss, self.ctss.Model(folder), []
        for i in range(shares):
            subkey = ctss.subkey(bytes.fromhex(key), f"share/{i}")
            share = ctss.Structure(subkey, model.embedding, model.labels)
            pairs.append((ctss.sketch(model, share, tags == "soft"), ctss.carriers(subkey, share)))
        return ctss.score(pairs), [ctss.score([pair]) for pair in pairs]

    def sites(self, folder, key, shares):
        """z of heads and output head."""
        ctss, model = self.ctss, self.ctss.Model(folder)
        rows, width = model.embedding.shape
        heads, outputs = [], []
        for i in range(shares):
            subkey = ctss.subkey(bytes.fromhex(key), f"share/{i}")
            share = ctss.HeadStructure(ctss.Structure(subkey, model.embedding, model.labels))
            heads.append((ctss.head_sketch(model, share), share.C))
            pairs = ctss.output_pairs(rows, width, shares)
            outputs.append(ctss.OutputStructure(subkey, model.labels, width, pairs))
        return {"heads": ctss.head_score(heads), "output": ctss.output_of_weights(model, outputs)}

    def trace_output(self, folder, key):
        """Scores of all licensees in the output head."""
        ctss, model = self.ctss, self.ctss.Model(folder)
        subkey, W = ctss.subkey(bytes.fromhex(key), "trace"), model.embedding
        pairs = ctss.output_pairs(*W.shape, 1)
        sums = ctss.output_sums((W - W.mean(dim=0)).T.contiguous(), subkey, model.labels, pairs)
        return {name: (ctss.output_code(subkey, name) @ sums / sums.norm()).item()
                for name in LICENSEES}

    def trace(self, folder, key):
        ctss, model = self.ctss, self.ctss.Model(folder)
        subkey = ctss.subkey(bytes.fromhex(key), "trace")
        wide = ctss.Structure(subkey, model.embedding, model.labels, wide=True)
        sums = ctss.block_sums(wide, ctss.sketch(model, wide))
        sums /= sums.norm()
        return {name: (ctss.licensee_code(subkey, name) @ sums).item() for name in LICENSEES}


def agree(ours, theirs, what):
    require(abs(ours - theirs) <= 0.01 * abs(theirs), f"{what}: {ours} against {theirs}")


def check_detect(ours, reference, model, shares, name):
    total, each, tags = ours.detect(model, KEY, shares)
    their_total, their_each = reference.detect(model, KEY, shares, tags)
    agree(total, their_total, f"{name}: z of all shares ({tags} tags)")
    for share, (z, their_z) in enumerate(zip(each, their_each)):
        agree(z, their_z, f"{name}: z of share {share} ({tags} tags)")
    require(total > Z_MARKED_MIN, f"{name}: z = {total} is too low for this strength")
    wrong, _, tags = ours.detect(model, WRONG, shares)
    their_wrong, _ = reference.detect(model, WRONG, shares, tags)
    require(max(abs(wrong), abs(their_wrong)) < Z_WRONG_MAX,
            f"{name}: a wrong key finds z = {wrong} and {their_wrong}")
    print(f"  {name}: z {total:.2f} / {their_total:.2f}, wrong key {wrong:.2f} / {their_wrong:.2f}")


def check_sites(read_back, reference, model, shares, name):
    theirs, wrong = (reference.sites(model, key, shares) for key in (KEY, WRONG))
    require(set(read_back) == set(theirs), f"{name}: sites {sorted(read_back)}")
    for site, z in theirs.items():
        agree(read_back[site], z, f"{name}: z of {site}")
        require(abs(wrong[site]) < Z_WRONG_MAX,
                f"{name}: a wrong key finds {wrong[site]} in {site}")
        print(f"  {name}: {site} z {read_back[site]:.2f} / {z:.2f}, wrong key {wrong[site]:.2f}")
    require(theirs["output"] > Z_MARKED_MIN, f"{name}: z of the output head: {theirs['output']}")


def check_output_trace(read_back, reference, model, name):
    scores = reference.trace_output(model, KEY)
    agree(read_back["output"], scores[LICENSEES[0]], f"{name}: the licensee in the output head")
    others = [z for who, z in scores.items() if who != LICENSEES[0]]
    require(max(map(abs, others)) < Z_WRONG_MAX, f"{name}: others in the output head: {others}")
    print(f"  {name}: licensee in the output head z {read_back['output']:.2f} / "
          f"{scores[LICENSEES[0]]:.2f}, highest other {max(others):.2f}")


def check_trace(ours, reference, model, name):
    mine, theirs = ours.trace(model, KEY), reference.trace(model, KEY)
    require(set(mine) == set(LICENSEES), f"{name}: trace reports {sorted(mine)}")
    agree(mine[LICENSEES[0]], theirs[LICENSEES[0]], f"{name}: z of the licensee")
    require(mine[LICENSEES[0]] > Z_MARKED_MIN, f"{name}: z = {mine[LICENSEES[0]]} of the licensee")
    others = [z for side in (mine, theirs) for who, z in side.items() if who != LICENSEES[0]]
    wrong = [z for side in (ours, reference) for z in side.trace(model, WRONG).values()]
    innocent = others + wrong
    require(max(map(abs, innocent)) < Z_WRONG_MAX, f"{name}: z of others: {innocent}")
    print(f"  {name}: licensee z {mine[LICENSEES[0]]:.2f} / {theirs[LICENSEES[0]]:.2f}, "
          f"highest other {max(others):.2f}")


def check_same_tensors(first, second, name):
    a, b = (load_file(folder / "model.safetensors") for folder in (first, second))
    require(a.keys() == b.keys(), f"{name}: different tensors")
    words = sum(tensor.numel() for tensor in a.values())
    steps = [(a[key].view(torch.int16).int() - b[key].view(torch.int16).int()).abs() for key in a]
    differing = sum(int((step != 0).sum()) for step in steps)
    beyond = [(a[key].float() - b[key].float()).abs() >
              FRAME_ERROR * float(STRENGTH) * a[key].float().square().mean().sqrt() for key in a]
    further = sum(int(((step > 1) & far).sum()) for step, far in zip(steps, beyond))
    text = f"{differing} of {words} words differ between the two marked models, {further} by more"
    require(differing <= NEIGHBOURS_MAX * words and further <= CHANGED_WORDS_MAX * words,
            f"{name}: {text}")
    print(f"  {name}: {text}")


def shares_agree(kind, ours, reference, folder, shares):
    mine, theirs, name = folder / f"ours{shares}", folder / f"theirs{shares}", f"{kind}, {shares}"
    read_back = ours.mark(folder / "plain", mine, "--shares", shares)
    reference.mark(folder / "plain", theirs, shares)
    check_same_tensors(mine, theirs, name)
    check_sites(read_back, reference, mine, shares, f"{name}, marked by us")
    check_detect(ours, reference, mine, shares, f"{name}, marked by us")
    check_detect(ours, reference, theirs, shares, f"{name}, marked by it")


def licensees_agree(kind, ours, reference, folder):
    mine, theirs = folder / "ours-licensee", folder / "theirs-licensee"
    read_back = ours.mark(folder / "ours1", mine, "--licensee", LICENSEES[0])
    reference.mark(folder / "plain", theirs, 1, LICENSEES[0])
    check_output_trace(read_back, reference, mine, f"{kind}, marked by us")
    for model, who in ((mine, "marked by us"), (theirs, "marked by it")):
        check_trace(ours, reference, model, f"{kind}, {who}")
        check_detect(ours, reference, model, 1, f"{kind}, with a licensee, {who}")


def judge(claims, claim, question, *arguments):
    try:
        question(*arguments)
        claims.check(claim, True)
    except Disagreement as problem:
        claims.check(claim, [str(problem)])


def main():
    program, reference_path = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    torch.set_num_threads(1)  # the products are small; threads would only wait for one another
    reference, claims = Reference(reference_path.resolve()), Claims()
    for kind, sizes in MODELS.items():
        with tempfile.TemporaryDirectory(prefix="wmk-interop-") as name:
            folder = pathlib.Path(name)
            small_model.write(folder / "plain", **sizes)
            both = (kind, Ours(program, folder), reference, folder)
            for shares in (1, 3):
                judge(claims, f"{kind} model, {shares} share(s): we and the reference read each "
                              "other's marks with the same z", shares_agree, *both, shares)
            judge(claims, f"{kind} model: we and the reference trace each other's licensees",
                  licensees_agree, *both)
    sys.exit(claims.finish())


if __name__ == "__main__":
    main()
