"""Suspects with other token strings, or with a tokenizer in another file format.

Each function changes a Suspect (folder.py) in place.
"""
TOKENIZER = "tokenizer.json"


def strings_by_id(suspect):
    """Spelling of each token in tokenizer.json, and the set of ids of added tokens."""
    tree = suspect.text(TOKENIZER)
    names = {number: name for name, number in tree["model"]["vocab"].items()}
    added = {token["id"]: token["content"] for token in tree["added_tokens"]}
    return {**names, **added}, set(added)


def respell(suspect, new_name):
    """new_name(number, name) returns the new spelling. Merges, which would no longer fit, go."""
    tree = suspect.text(TOKENIZER)
    tree["model"]["vocab"] = {new_name(number, name): number
                              for name, number in tree["model"]["vocab"].items()}
    for token in tree["added_tokens"]:
        token["content"] = new_name(token["id"], token["content"])
    tree["model"]["merges"] = []
    suspect.set_text(TOKENIZER, tree)


def renamed_all(suspect):
    """Every token has a new string."""
    respell(suspect, lambda number, name: f"q{number:x}z")


def renamed_half(suspect):
    """Half of the tokens have a new string."""
    chosen = suspect.random("renamed half").random(suspect["model.embed_tokens.weight"].shape[0])
    respell(suspect, lambda number, name: f"q{number:x}z" if chosen[number] < 0.5 else name)


def renamed_exchanged(suspect):
    """Every token has the string of another."""
    names, _ = strings_by_id(suspect)
    order = sorted(names)
    place = dict(zip(order, suspect.random("exchanged").permutation(order)))
    respell(suspect, lambda number, name: names[int(place[number])])


def only_head_renamed(suspect):
    """Attention and FFNs are noise, tokens have new strings and another order: the output head,
    which is the embedding here, is all that is left."""
    random = suspect.random("only the head")
    for name in list(suspect.tensors):
        if "self_attn" in name or "mlp" in name:
            values = suspect[name]
            suspect[name] = values.std() * random.standard_normal(values.shape, "f4")
    table = suspect["model.embed_tokens.weight"]
    suspect["model.embed_tokens.weight"] = table[random.permutation(len(table))]
    renamed_all(suspect)


def only_head_noisy(suspect):
    """The same, and 30 % of noise on the head."""
    only_head_renamed(suspect)
    table = suspect["model.embed_tokens.weight"]
    noise = suspect.random("noise of the head").standard_normal(table.shape, "f4")
    suspect["model.embed_tokens.weight"] = table + 0.3 * table.std() * noise


def no_tokenizer(suspect):
    suspect.files[TOKENIZER] = None
