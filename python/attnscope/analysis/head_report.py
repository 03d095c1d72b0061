# SPDX-License-Identifier: Apache-2.0
"""What heads do on texts, and how much they matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..errors import usage_error
from ..figure import Figure
from ..figure_options import figure_options
from ..notices import warn
from ..progress import progress_of
from ..runtime import on_main_thread
from .probing import ABLATIONS
from .reports import Report, TextTokens, axis_name, batches, tokens_of_text, tokens_of_words

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

_METHODS = ("ablation", "gradient")
_METRICS = ("label", "loss", "f1")
_KEYS = ("layer", "head", "pattern")
_MAIN_COLUMNS = ("importance", "f1_change", "effect", "entropy")


class HeadReport(Report):
    """A row for each head. Arrays are [layers, heads].

    patterns: how many heads follow each pattern. num_texts, num_rows: what the means are over.
    distances: [layers * heads, layers * heads] between heads; map: [layers * heads, 2], the same in the plane; None
        unless they were asked for.
    unablated: of the watched value, or {"f1", "precision", "recall"}; None without importance.
    """

    def __init__(self, rows: list[dict[str, Any]], shape: tuple[int, int], found: dict[str, Any]) -> None:
        names = [name for name in rows[0] if name not in _KEYS]
        arrays = {name: np.array([row[name] for row in rows]).reshape(shape) for name in names}
        super().__init__(rows, arrays)
        self.num_texts: int = found["num_texts"]
        self.num_rows: int | None = found.get("num_rows")
        self.distances: np.ndarray | None = found.get("distances")
        self.map: np.ndarray | None = found.get("map")
        self.unablated: Any = found.get("unablated")

    @property
    def patterns(self) -> dict[str, int]:
        """The most frequent first."""
        return dict(Counter(row["pattern"] for row in self.rows if "pattern" in row).most_common())

    def plot(self, column: str | None = None, *, top: int | None = 24, **look: Any) -> Figure:
        """Heads with a dot each on a common axis, in the order of the rows.

        column: what is drawn; None: the importance, else the entropy. top: so many rows; None: all. look: as of
            AttentionResult.plot.
        Raises:  UsageError for a column that is not there.
        """
        known = list(self.arrays)
        chosen = column or next(name for name in (*_MAIN_COLUMNS, *known) if name in known)
        if chosen not in known:
            raise usage_error("CHOICE", "column", f"'{column}'", f"choose from {', '.join(known)}")
        rows = self.rows[:top]
        options = figure_options(metadata={"measure": axis_name(chosen), "texts": self.num_texts}, **look)
        names = [f"L{row['layer']} H{row['head']}" for row in rows]
        values = [float(row[chosen]) for row in rows]
        notes = [row.get("pattern", "") for row in rows]
        return Figure(_core.ranking_figure(names, values, notes, axis_name(chosen), options), options)


class _Texts:
    """The texts of a call, which can be read more than once."""

    def __init__(self, model: PreTrainedModel, texts: Any, labels: Any, truncation: bool) -> None:
        self.model = model
        self.truncation = truncation
        single = isinstance(texts, (str, tuple))
        self.texts = [texts] if single else list(texts)
        self.labels = None if labels is None else [labels] if single else list(labels)
        self.in_words = self.labels is not None and model.task == "token_classification"
        if self.labels is not None and len(self.labels) != len(self.texts):
            found = f"{len(self.labels)} of them for {len(self.texts)} texts"
            raise usage_error("LABELS", "labels", found, "give one a text")

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[TextTokens]:
        read = tokens_of_words if self.in_words else tokens_of_text
        for index, text in enumerate(self.texts):
            yield read(self.model, text, f"texts[{index}]", self.truncation)

    def word_labels(self, index: int) -> list[str] | None:
        """Raises: UsageError if a text has not as many labels as words."""
        if self.labels is None or not self.in_words:
            return None
        labels = list(self.labels[index])
        if len(labels) != len(self.texts[index]):
            found = f"{len(labels)} of them for {len(self.texts[index])} words"
            raise usage_error("LABELS", f"labels[{index}]", found, "give one a word")
        return labels

    def text_label(self, index: int) -> int | None:
        """Of a sequence classifier: the index of the label.

        Raises: UsageError for a label that the model does not have.
        """
        if self.labels is None or self.in_words:
            return None
        names = self.model.config.id2label
        label = self.labels[index]
        known = {name: number for number, name in names.items()}
        number = known.get(label, label)
        if number not in names:
            raise usage_error("LABEL", f"labels[{index}]", f"{label!r}", f"choose from {', '.join(known)}")
        return int(number)


def heads(
    model: PreTrainedModel, texts: Any, *, by: str | None = None, labels: Any = None, ablation: str = "zero",
    metric: str | None = None, same_word: bool = False, distances: bool = False, truncation: bool = False,
    progress: bool | Callable[[int, int], object] | None = None,
) -> HeadReport:  # fmt: skip
    """Statistics of every head over one text or several, means over their query rows, and the head's pattern.

    texts: a str, a pair, or several; with labels of words, lists of words.
    by: "ablation" or "gradient": also the importance of the heads (see head_importance), most important first;
        a statistic: sorts the rows by it; None: with labels "ablation", else layer by layer.
    same_word, distances: also these, which need weights: the texts cost more.
    Example:
        report = heads(model, ["Angela lives in Paris.", "She works there."], by="sep")
        report.rows[0]["pattern"], report["entropy"].shape  # [layers, heads]
    """
    by = "ablation" if by is None and labels is not None else by
    corpus = _Texts(model, texts, labels, truncation)
    found = _statistics(model, corpus, same_word, distances)
    rows: list[dict[str, Any]] = found["rows"]
    shape = (model._info["num_layers"], model._info["num_heads"])
    if by in _METHODS:
        rest = _importance(model, corpus, by, ablation, metric, progress)
        found["unablated"] = rest.unablated
        for row, more in zip(rows, rest.rows, strict=True):
            row |= more
    elif by is not None and by not in rows[0]:
        known = [*_METHODS, *(name for name in rows[0] if name != "pattern")]
        raise usage_error("CHOICE", "by", f"'{by}'", f"choose from {', '.join(known)}")
    return _sorted(HeadReport(rows, shape, found), by)


def head_importance(
    model: PreTrainedModel, texts: Any, *, by: str = "ablation", ablation: str = "zero", labels: Any = None,
    metric: str | None = None, truncation: bool = False, progress: bool | Callable[[int, int], object] | None = None,
) -> HeadReport:  # fmt: skip
    """How much each head matters; the most important first.

    by: "ablation": what changes when the head alone is ablated; "gradient": |sum of context x gradient| (Michel et
        al. 2019), mean over texts.
    ablation: what takes the place of the head's context: "zero", "mean" (over all tokens of the texts), "uniform".
    labels: of words (lists of str, texts are lists of words), or of texts for a sequence classifier.
    metric: what is watched. "label": the logit of what the model predicts; "loss": with labels; "f1": of entities,
        with labels of words. None: "label" without labels, else "f1" where it can be, else "loss".
    progress: True or None for a bar, or a function that is called with heads done and all; what it raises ends the
        work.
    Columns: effect (mean change) and importance (mean of its size), or f1 and f1_change.
    Raises:  UnsupportedModel for a model without a task head.
    """
    if by not in _METHODS:
        raise usage_error("CHOICE", "by", f"'{by}'", f"choose from {', '.join(_METHODS)}")
    corpus = _Texts(model, texts, labels, truncation)
    return _sorted(_importance(model, corpus, by, ablation, metric, progress), by)


def _statistics(model: PreTrainedModel, corpus: _Texts, same_word: bool, distances: bool) -> dict[str, Any]:
    collector = _core.HeadStatistics(same_word, distances)
    for batch in batches(corpus):
        collector.add(model._session, batch, on_main_thread())
    found: dict[str, Any] = collector.report()
    warn(found["notices"])
    return found


def _importance(
    model: PreTrainedModel, corpus: _Texts, by: str, ablation: str, metric: str | None, progress: Any
) -> HeadReport:
    """Layer by layer."""
    if ablation not in ABLATIONS:
        raise usage_error("CHOICE", "ablation", f"'{ablation}'", f"choose from {', '.join(ABLATIONS)}")
    chosen = _metric(corpus, by, metric)
    means = _mean_contexts(model, corpus) if ablation == "mean" and by == "ablation" else None
    kind = _core.HeadScores if chosen == "f1" else _core.HeadImportance
    collector = kind(by, ablation, means, len(corpus), progress if callable(progress) else None)
    with closing(progress_of(False if callable(progress) else progress, len(corpus))) as bar:
        for index, text in enumerate(corpus):
            _add(model, collector, corpus, index, text, chosen)
            bar.update(1)
    return _importance_report(model, collector.result())


def _add(model: PreTrainedModel, collector: Any, corpus: _Texts, index: int, text: TextTokens, metric: str) -> None:
    labels = corpus.word_labels(index)
    if metric == "f1":
        collector.add(model._session, text, labels, on_main_thread())
    elif metric == "loss":
        collector.add(model._session, text, corpus.text_label(index), labels, on_main_thread())
    else:
        collector.add(model._session, text, None, None, on_main_thread())


def _metric(corpus: _Texts, by: str, metric: str | None) -> str:
    if metric is None:
        labelled = "f1" if corpus.in_words and by == "ablation" else "loss"
        return "label" if corpus.labels is None else labelled
    if metric not in _METRICS:
        raise usage_error("CHOICE", "metric", f"'{metric}'", f"choose from {', '.join(_METRICS)}")
    if metric != "label" and corpus.labels is None:
        raise usage_error("LABELS", "metric", f"'{metric}' needs labels", "pass labels=")
    if metric == "f1" and not (corpus.in_words and by == "ablation"):
        raise usage_error("CHOICE", "metric", "'f1' is of a token classifier, by ablation", "choose 'loss'")
    return metric


def _mean_contexts(model: PreTrainedModel, corpus: _Texts) -> np.ndarray:
    """Over all tokens of the texts: float32 [layers, heads, head_dim]."""
    sums: Any = 0.0
    tokens = 0
    for batch in batches(corpus):
        count = sum(len(text[0]) for text in batch)
        means = _core.mean_contexts(model._session, [text[:2] for text in batch], on_main_thread())
        sums = sums + means.astype(np.float64) * count
        tokens += count
    return np.ascontiguousarray(sums / max(1, tokens), dtype=np.float32)


def _importance_report(model: PreTrainedModel, found: dict[str, Any]) -> HeadReport:
    shape = (model._info["num_layers"], model._info["num_heads"])
    if "ablated_f1" in found:
        ablated = np.array(found["ablated_f1"]).reshape(shape)
        columns = {"f1": ablated, "f1_change": ablated - found["f1"]}
        found["unablated"] = {name: found[name] for name in ("f1", "precision", "recall")}
    else:
        columns = {name: found[name] for name in ("effect", "importance") if found[name] is not None}
    rows = [
        {"layer": layer, "head": head, **{name: float(values[layer, head]) for name, values in columns.items()}}
        for layer, head in np.ndindex(*shape)
    ]
    return HeadReport(rows, shape, found)


def _sorted(report: HeadReport, by: str | None) -> HeadReport:
    """Rows from the largest, by changes of F1 and by places from the smallest. Arrays keep their order."""
    if by is None:
        return report
    if by in _METHODS:
        by = "f1_change" if "f1_change" in report.arrays else "importance"
    report.rows.sort(key=lambda row: row[by], reverse=by not in ("layer", "head", "f1_change"))
    return report


__all__: Sequence[str] = ["HeadReport", "head_importance", "heads"]
