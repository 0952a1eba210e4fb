#!/usr/bin/env python3
"""Collects logits for `weightmark detect --logits`, from a model or through an API.

Rows are written one by one to OUT.partial, and the same command goes on where it stopped. OUT.json
records the texts, the source, the time and SHA-256 of each row, and no secret. OUT must end in
.npy; or in .safetensors where a source gives a part of the tokens. How to collect so that the
result counts: specs/collecting_logits.md. Exit codes: 0 written, 2 error.
"""
import argparse
import hashlib
import pathlib
import platform
import sys

from collect import client, local_model, servers, texts
from collect.failure import Failure, shown
from collect.output import Output
from collect.progress import Progress

ROWS_MAX = 16384
FOLDER = pathlib.Path(__file__).resolve().parent


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="collect_logits", description=__doc__.splitlines()[0])
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("-o", "--output", required=True, metavar="OUT")
    fixed = common.add_mutually_exclusive_group(required=True)
    fixed.add_argument("--texts", nargs="+", metavar="FILE", help="UTF-8 texts to read")
    fixed.add_argument("--seed", help="made-up texts, the same for the same seed")
    common.add_argument("--rows", type=int, default=600, metavar="N",
                        help="as many as the model is wide show all (default 600)")
    common.add_argument("--rows-per-text", type=int, default=32, metavar="N",
                        help=f"of each piece of {texts.PIECE} characters (default 32)")
    common.add_argument("--dry-run", action="store_true", help="print the plan, ask nothing")
    common.add_argument("--force", action="store_true", help="replace OUT")
    common.add_argument("--restart", action="store_true", help="forget an interrupted run")
    common.add_argument("--progress", choices=["auto", "always", "never"], default="auto")
    sources = parser.add_subparsers(dest="source", required=True)
    local = sources.add_parser("local-model", parents=[common], help="a transformers folder")
    local.add_argument("place", metavar="FOLDER")
    local.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float32")
    local.add_argument("--threads", type=int)
    web = argparse.ArgumentParser(add_help=False)
    web.add_argument("place", metavar="URL")
    web.add_argument("--vocabulary", type=int, metavar="N", help="number of tokens, if not stated")
    secret = web.add_mutually_exclusive_group()
    secret.add_argument("--api-key-env", metavar="NAME", help="environment variable with the key")
    secret.add_argument("--api-key-file", metavar="FILE", help="of mode 0600")
    web.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="of one answer")
    sources.add_parser("llama-server", parents=[common, web], help="llama.cpp's HTTP server")
    openai = sources.add_parser("openai", parents=[common, web],
                                help="an endpoint of OpenAI's protocol, as http://host/v1")
    openai.add_argument("--model-name", metavar="NAME")
    openai.add_argument("--chat", action="store_true", help="ask /chat/completions")
    openai.add_argument("--tokenizer", metavar="FOLDER", help="ids of tokens named by their text")
    return parser.parse_args(arguments)


def check(options):
    if sys.byteorder != "little":
        raise Failure("rows are written as they stand in memory, so this needs another machine")
    if not 2 <= options.rows <= ROWS_MAX:
        raise Failure(f"--rows must be 2 to {ROWS_MAX}")
    if not 1 <= options.rows_per_text <= texts.PIECE:
        raise Failure(f"--rows-per-text must be 1 to {texts.PIECE}")
    if pathlib.Path(options.output).suffix not in (".npy", ".safetensors"):
        raise Failure(f"{shown(options.output)} ends neither in .npy nor in .safetensors")
    if pathlib.Path(options.output).exists() and not options.force:
        raise Failure(f"{shown(options.output)} exists", "--force replaces it")


def open_source(options):
    if options.source == "local-model":
        return local_model.LocalModel(options.place, options.dtype, options.threads)
    key = client.api_key(options.api_key_env, options.api_key_file)
    connection = client.Client(options.place, key, options.timeout)
    if options.source == "llama-server":
        return servers.LlamaServer(connection, options.vocabulary)
    names, size = servers.vocabulary_of(options.tokenizer) if options.tokenizer else (None, None)
    return servers.Endpoint(connection, options.model_name, options.vocabulary or size,
                            options.chat, names)


def texts_of(options):
    """(pieces, what is recorded of their origin)"""
    count = texts.count_of(options.rows, options.rows_per_text)
    if options.seed is not None:
        return texts.from_seed(options.seed, count), {"seed": options.seed}
    files = [{"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
             for path in map(pathlib.Path, options.texts) if path.is_file()]
    return texts.from_files(options.texts, count), {"files": files}


def tool():
    """What collected: a digest over the sources of this tool."""
    digest = hashlib.sha256()
    for path in [FOLDER / "collect_logits.py", *sorted((FOLDER / "collect").glob("*.py"))]:
        digest.update(path.read_bytes())
    return {"name": "collect_logits", "sha256": digest.hexdigest(),
            "python": platform.python_version()}


def plan_text(options, pieces):
    origin = f"seed {shown(options.seed)!r}" if options.seed is not None else "files"
    return (f"{options.rows} rows of {len(pieces)} texts of {texts.PIECE} characters ({origin})\n"
            f"  texts: SHA-256 {texts.digest(pieces)}\n"
            f"  from: {options.source} {shown(options.place)}\n  to: {shown(options.output)}")


def collect(options, pieces, origin, source):
    plan = {"source": source.describe(), "texts": origin, "tool": tool(),
            "rows_per_text": options.rows_per_text, "unit": source.unit}
    output, each = Output(options.output, plan), options.rows_per_text
    done = output.open(options.rows, options.restart)
    progress = Progress(options.progress, done, options.rows)
    try:
        for number, wanted in texts.still_wanted(done, options.rows, each):
            for end, ids, values in source.rows(pieces[number], wanted, each):
                output.add(number, end, ids, values)
                progress.update(len(output.rows))
    finally:
        progress.end()
    digest = output.finish({"pieces": pieces, "pieces_sha256": texts.digest(pieces)})
    print(f"written: {shown(options.output)}, {len(output.rows)} rows of {output.columns} tokens")
    print(f"  SHA-256 {digest}\n  record {shown(str(output.sidecar))}")
    if len(output.digests) < len(output.rows):
        print(f"  note: only {len(output.digests)} of the rows differ")
    if source.vocabulary and output.columns < source.vocabulary:
        print(f"  note: {output.columns} of {source.vocabulary} tokens")
    print(f"  next: weightmark detect --logits {shown(options.output)} --tokenizer DIR --key KEY")


def main(arguments=None):
    options, clean = options_of(arguments), shown
    try:
        check(options)
        pieces, origin = texts_of(options)
        if options.dry_run:
            print(f"plan: {plan_text(options, pieces)}\n  nothing was asked and nothing written")
            return 0
        source = open_source(options)
        clean = source.clean if options.source == "local-model" else source.client.clean
        collect(options, pieces, origin, source)
        return 0
    except Failure as failure:
        message, hint = clean(str(failure)), failure.hint
    except OSError as error:
        message, hint = clean(str(error)), None
    except KeyboardInterrupt:
        message, hint = "interrupted", "the same command goes on where it stopped"
    print(f"collect_logits: error: {message}", file=sys.stderr)
    if hint:
        print(f"collect_logits: hint: {hint}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
