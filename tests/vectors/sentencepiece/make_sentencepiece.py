#!/usr/bin/env python3
"""Trains two tiny SentencePiece models: make_sentencepiece.py [FOLDER].

Needs the packages sentencepiece and tokenizers; versions.txt says which made what lies here.
CASE.model is the model, CASE.json the tokenizer.json of the tokenizers package for it.
"""
import importlib.metadata
import io
import pathlib
import sys

import sentencepiece
from tokenizers import Tokenizer, decoders, models

TEXT = ["the cat sat on the mat", "a rat ate the hat", "two tins of tea", "na\u00efve \u732b",
        "the tall tree and the small tree", "it is late and the tea is hot"] * 4
CASES = {"unigram": {"model_type": "unigram", "vocab_size": 300},
         "bpe": {"model_type": "bpe", "vocab_size": 300}}


def converted(processor, kind):
    """The same vocabulary as the tokenizers package writes it."""
    count = processor.get_piece_size()
    pieces = [processor.id_to_piece(i) for i in range(count)]
    if kind == "unigram":
        scored = [(piece, processor.get_score(i)) for i, piece in enumerate(pieces)]
        model = models.Unigram(scored, unk_id=processor.unk_id(), byte_fallback=True)
    else:
        ids = {piece: i for i, piece in enumerate(pieces)}
        model = models.BPE(ids, [], unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    tokenizer = Tokenizer(model)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([pieces[i] for i in range(count) if processor.is_control(i)])
    return tokenizer.to_str()


def main(folder):
    for name, options in CASES.items():
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXT), model_writer=model, byte_fallback=True, num_threads=1,
            normalization_rule_name="identity", character_coverage=1.0, hard_vocab_limit=False,
            user_defined_symbols=["<|tool|>", "\u2581\u2581"], minloglevel=2, **options)
        (folder / f"{name}.model").write_bytes(model.getvalue())
        processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        (folder / f"{name}.json").write_text(converted(processor, name), encoding="utf-8")
    made_by = [f"{name} {importlib.metadata.version(name)}" for name in ("sentencepiece",
                                                                         "tokenizers")]
    (folder / "versions.txt").write_text("\n".join(made_by) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
