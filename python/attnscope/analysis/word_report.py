# SPDX-License-Identifier: Apache-2.0
"""Entities of a text, and the words that each of them looks at, by several measures side by side."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import _core
from .._core import EntityScore
from ..attend import encode_text
from ..attention_request import numbers_of
from ..encoded_text import EncodedText
from ..errors import UnsupportedModel, usage_error
from ..figure import Figure
from ..figure_options import figure_options
from ..notices import warn
from ..runtime import on_main_thread
from ..word_picture import PictureWord, word_picture
from .reports import Rows

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

__all__ = ["EntityScore", "LabelledSentence", "WordReport", "find_entities", "read_conll", "spell_entities", "words"]

AGGREGATIONS = ("none", "simple", "first", "average", "max")
MEASURES = ("attention", "rollout", "norms", "gradient", "leave_one_out")
SPECIALS = ("shown", "hidden", "renormalised")
RULES = ("mean", "first", "max")


class LabelledSentence(NamedTuple):
    """Words and their labels ("B-PER", "O", ...). line: of the first word in its file, from 1."""

    words: list[str]
    labels: list[str]
    line: int


def _encoded(model: PreTrainedModel, text: str) -> EncodedText:
    if not isinstance(text, str):
        raise TypeError(f"text: found {type(text).__name__}, expected str")
    return EncodedText(text, encode_text(model, text), model.has_token_types)


def find_entities(model: PreTrainedModel, text: str, aggregation: str = "first") -> list[dict[str, Any]]:
    """Entities of a text: what transformers' token-classification pipeline returns with this aggregation_strategy.

    aggregation: which piece speaks for a word of several: "first", "average" (of the probabilities), "max" (the
        surest piece); "simple": every token for itself; "none": nothing is joined.
    Returns: dicts with entity_group, score, word, start, end (characters); "none": entity, score, index, word, start,
        end.
    Raises:  UnsupportedModel unless the model labels tokens.
    """
    _choose("aggregation", aggregation, AGGREGATIONS)
    if model._info["task"] != "token_classification":
        found = f"{type(model).__name__} does not label tokens"
        raise UnsupportedModel(f"find_entities: {found}; load a ...ForTokenClassification", code="NO_HEAD", what=found)
    encoded = _encoded(model, text)
    labels = [model.config.id2label[index] for index in range(len(model.config.id2label))]
    entities = _core.find_entities(text, encoded.columns, _logits(model, encoded), labels, aggregation)
    if aggregation == "none":
        return [_token_entity(model, encoded, labels, entity) for entity in entities]
    return [_entity_group(model, encoded, entity) for entity in entities]


def _logits(model: PreTrainedModel, encoded: EncodedText) -> np.ndarray:
    """[T, labels]."""
    ids = {"input_ids": np.array([encoded.ids])}
    types = {"token_type_ids": np.array([encoded.types])} if encoded.types else {}
    return np.ascontiguousarray(np.asarray(model(**ids, **types, return_dict=True).logits)[0])


def _token_entity(model: Any, encoded: EncodedText, labels: list[str], entity: dict[str, Any]) -> dict[str, Any]:
    start, end = encoded.characters(entity["span"])
    (token,) = entity["tokens"]
    return {
        "entity": labels[entity["label"]], "score": entity["score"], "index": token,
        "word": encoded.spelling(token, model.tokenizer.unk_token), "start": start, "end": end,
    }  # fmt: skip


def _entity_group(model: Any, encoded: EncodedText, entity: dict[str, Any]) -> dict[str, Any]:
    start, end = encoded.characters(entity["span"])
    tokenizer = model.tokenizer
    pieces = [encoded.spelling(token, tokenizer.unk_token) for token in entity["tokens"]]
    return {
        "entity_group": entity["kind"], "score": entity["score"],
        "word": tokenizer.convert_tokens_to_string(pieces), "start": start, "end": end,
    }  # fmt: skip


class WordReport(Rows):
    """What words(...) found. Numbers are floats, nan where there is none.

    rows: one dict a word of each thing that is explained: explained ("Paris"), kind ("LOC"), label ("B-LOC"), word,
        start, end (characters), special, own (the word is part of what is explained), and a number a measure.
    entities: as of find_entities. explained: dicts with of ("entity", "word", "label", "text"), text, kind, label,
        logit, words (positions of its own), agreements and sentence.
    agreements: (measure, measure, Kendall's tau) over the words that are not its own, special tokens left out;
        leave_one_out by its size.
    measures: what each measure is, in a line. specials: what was done with special tokens.
    """

    def __init__(self, encoded: EncodedText, report: dict[str, Any], specials: str, rule: str) -> None:
        self.text = encoded.text
        self.measures: dict[str, str] = report["measures"]
        self.layers: list[int] = report["layers"]
        self.heads: list[int] = report["heads"]
        self.specials = specials
        self.rule = rule
        self.words: list[str] = [word for word, *_ in report["words"]]
        self.entities = [_report_entity(encoded, entity) for entity in report["entities"]]
        self.rows = [row for focus in report["explained"] for row in _rows(encoded, report["words"], focus)]
        self.explained = [_without(focus, "scores") for focus in report["explained"]]

    def plot(self, explained: int | str = 0, *, measure: str | None = None, top: int = 10, **look: Any) -> Figure:
        """The text with its words shaded by how much they have to do with what is explained.

        explained: which of `explained`, by number or text. measure: one of `measures`; None: the first. top: bars of
            so many words. look: as of AttentionResult.plot.
        Raises:  UsageError for what was not explained or measured.
        """
        number = self._number(explained)
        chosen = measure or next(iter(self.measures))
        if chosen not in self.measures:
            hint = f"choose from {', '.join(self.measures)}"
            raise usage_error("CHOICE", "measure", f"'{measure}' was not measured", hint)
        said = f"{_subject(self.explained[number])}: {self.measures[chosen]}"
        options = figure_options(metadata={"text": self.text, "measure": said}, **look)
        first = number * len(self.words)
        framed = self.explained[number]["of"] in ("entity", "word")
        rows = self.rows[first : first + len(self.words)]
        words = [self._picture_word(row, row[chosen], framed and row["own"]) for row in rows]
        adds_up = chosen != "leave_one_out"
        drawn = word_picture(self.text, words, adds_up)
        rule = _core.describe_rule(self.rule) if adds_up else ""
        return Figure(_core.words_figure(self.text, *drawn, said, top, rule, options), options)

    def _picture_word(self, row: dict[str, Any], score: float, own: bool) -> PictureWord:
        word = PictureWord(row["word"], row["start"], row["end"], score, row["special"], own)
        for number, entity in enumerate(self.entities):
            if not row["special"] and entity["start"] <= row["start"] and row["end"] <= entity["end"]:
                label = entity["entity_group"] if row["start"] == entity["start"] else ""
                word = word._replace(label=label, entity=number)
        return word

    def _number(self, explained: int | str) -> int:
        names = [focus["text"] or focus["of"] for focus in self.explained]
        if isinstance(explained, str) and explained in names:
            return names.index(explained)
        if isinstance(explained, str) or not -len(names) <= explained < len(names):
            raise usage_error("RANGE", "explained", f"{explained!r} is not there", f"choose from {', '.join(names)}")
        return explained % len(names)

    def __repr__(self) -> str:
        explained = ", ".join(focus["text"] or focus["of"] for focus in self.explained)
        return f"WordReport of {len(self.words)} words; explained: {explained}; measures: {', '.join(self.measures)}"


def _subject(explained: dict[str, Any]) -> str:
    """Of the words of a report, as the command line says it."""
    if explained["of"] == "label":
        return f"For the label {explained['label']}"
    if explained["of"] == "text":
        return "Received, mean over all words"
    return f"From \u201c{explained['text']}\u201d"


def _report_entity(encoded: EncodedText, entity: dict[str, Any]) -> dict[str, Any]:
    start, end = encoded.characters(entity["span"])
    return {
        "entity_group": entity["kind"],
        "score": entity["score"],
        "word": entity["text"],
        "start": start,
        "end": end,
    }


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def _rows(encoded: EncodedText, words: Sequence[Any], focus: dict[str, Any]) -> Iterator[dict[str, Any]]:
    own = set(focus["words"]) if focus["of"] != "text" else set()
    about = {"explained": focus["text"], "kind": focus["kind"], "label": focus["label"]}
    for index, (word, span, number, _) in enumerate(words):
        start, end = encoded.characters(span)
        place = {"word": word, "start": start, "end": end, "special": number is None, "own": index in own}
        yield {**about, **place, **{name: scores[index] for name, scores in focus["scores"].items()}}


def words(
    model: PreTrainedModel,
    text: str,
    entity: str | None = None,
    *,
    word: int | None = None,
    measure: str | Iterable[str] = "all",
    layers: Iterable[int] | None = None,
    heads: Iterable[int] | None = None,
    specials: str = "shown",
    rule: str = "mean",
    aggregation: str = "first",
) -> WordReport:
    """The words that each entity of a text looks at, by several measures, and how far these agree.

    entity: only the entities of this text; None: all. Without any: the label of a sequence classifier, else what each
        word receives from all words. word: in place of entities the word of this number, counted from 0.
    measure: some of "attention" (mean over the layers and heads), "rollout", "norms" (after the layer norm), "gradient"
        (positive part of attention x gradient of the logit, mean over layers and heads, as shares), "leave_one_out"
        (change of the logit when [MASK] takes the place of a word); "all": all that the model allows.
    layers, heads: numbers from 0, negative ones from the end; None: all.
    specials: special tokens are "shown", "hidden", or "renormalised": left out, and the rest divided by its sum.
    rule: from a word of several pieces "mean", "first" or "max" of their rows; to a word always the sum.
    Raises:  UsageError for an entity that is not there (it lists those that are), a word, layer or head;
        UnsupportedModel if a measure asked for by name needs a label that the model does not give.

    Example: analysis.words(model, "Angela Merkel visited Paris.", "Paris").rows
    """
    for name, value, known in (
        ("specials", specials, SPECIALS),
        ("rule", rule, RULES),
        ("aggregation", aggregation, AGGREGATIONS),
    ):
        _choose(name, value, known)
    encoded = _encoded(model, text)
    choices = {
        "measures": measure_names(measure), "specials": specials, "rule": rule, "aggregation": aggregation,
        "layers": numbers_of(layers, model._info["num_layers"], "layers"),
        "heads": numbers_of(heads, model._info["num_heads"], "heads"),
        "entity": entity, "word": word, "replacement_id": _mask_id(model.tokenizer),
    }  # fmt: skip
    report = _core.word_report(model._session, text, encoded.columns, choices, on_main_thread())
    warn(report.pop("notices"))
    return WordReport(encoded, report, specials, rule)


def _choose(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise usage_error("CHOICE", name, f"'{value}'", f"choose from {', '.join(known)}")


def measure_names(chosen: str | Iterable[str]) -> list[str] | None:
    """None for "all".

    Raises: UsageError for a measure that there is not.
    """
    if chosen == "all":
        return None
    names = [chosen] if isinstance(chosen, str) else list(chosen)
    for name in names:
        _choose("measure", name, MEASURES)
    return names


def _mask_id(tokenizer: Any) -> int | None:
    mask = getattr(tokenizer, "mask_token", None)
    index = None if mask is None else tokenizer.convert_tokens_to_ids(mask)
    # A token that is not in the vocabulary has the id of the unknown one.
    return index if index is not None and tokenizer.convert_ids_to_tokens(index) == mask else None


def spell_entities(labels: Iterable[str]) -> list[tuple[str, int, int]]:
    """Entities that word labels spell: (kind, first word, one past the last). BIO, IO, BILOU and BIOES alike."""
    return _core.spell_entities(list(labels))


def read_conll(path: Any) -> Iterator[LabelledSentence]:
    """Sentences of a file with a word a line, columns apart by tabs or blanks, the word first and the label last.

    An empty line ends a sentence; lines that begin with "-DOCSTART-" are left out, and before a sentence those that
    begin with "# ". A file of any size takes constant memory.
    Raises:  StorageError; TextError (CONLL_LINE) that names the file and the line.

    Example:
        score = analysis.EntityScore()
        for sentence in analysis.read_conll("dev.conll"):
            score.add(predicted_labels(sentence.words), sentence.labels)
        print(score.f1())
    """
    reader = _core.ConllReader(os.fsencode(path))
    return iter(lambda: _sentence(reader), None)


def _sentence(reader: Any) -> LabelledSentence | None:
    found = reader.next()
    return None if found is None else LabelledSentence(*found)
