# SPDX-License-Identifier: Apache-2.0
"""attnscope tokenizes as the `tokenizers` wheel does: ids, tokens, offsets, words, types, sequences, masks."""

import json

import pytest

pytest.importorskip("tokenizers", reason="the tokenizers wheel is not installed")

from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors  # noqa: E402

import wheel_models as wm  # noqa: E402
from wheel_support import ask_probe, assert_equal_to_wheel, require_probe, shared  # noqa: E402

require_probe()

NORMALIZERS = {
    "uncased": dict(),
    "cased": dict(lowercase=False),
    "lowercase_keeping_accents": dict(strip_accents=False),
    "cased_without_accents": dict(lowercase=False, strip_accents=True),
    "no_cleaning": dict(clean_text=False, handle_chinese_chars=False, strip_accents=True),
}
CONTEXTS = {"alone": "{}", "between_letters": "a{}b", "under_an_accent": "{}\u0301"}
BLOCK = 4096


@pytest.fixture(scope="module")
def spelling(tmp_path_factory):
    """Model directories whose ids spell out the normalized text, one for each normalizer."""
    vocab = wm.spelling_vocab()
    made = {}

    def get(name):
        if name not in made:
            tokenizer = wm.bert_tokenizer(vocab, wm.bert_normalizer(**NORMALIZERS[name]))
            made[name] = (wm.save(tokenizer, tmp_path_factory.mktemp(name)), tokenizer)
        return made[name]

    return get


@pytest.fixture(scope="module")
def squad(tmp_path_factory):
    vocab = wm.read_vocab(shared("data", "tokenizer-squad-questions", "vocab.txt"))
    tokenizer = wm.bert_tokenizer(vocab)
    return wm.save(tokenizer, tmp_path_factory.mktemp("squad")), tokenizer


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("name", NORMALIZERS)
def test_every_scalar_row_56(spelling, name, context):
    form = CONTEXTS[context]
    pieces = [form.format(chr(c)) for c in wm.SCALARS]
    blocks = [" ".join(pieces[i:i + BLOCK]) for i in range(0, len(pieces), BLOCK)]
    assert_equal_to_wheel(*spelling(name), blocks, add_special_tokens=False)


def test_every_assigned_scalar_as_a_text_of_its_own_row_56(spelling):
    assert_equal_to_wheel(*spelling("uncased"), wm.assigned_characters(), add_special_tokens=False)


@pytest.mark.parametrize("name", NORMALIZERS)
def test_random_strings_of_all_scripts_rows_52_57(spelling, name):
    assert_equal_to_wheel(*spelling(name), wm.random_texts(4000, seed=name))


def test_random_pairs_rows_52_59(spelling):
    texts = wm.random_texts(4000, seed="pairs")
    assert_equal_to_wheel(*spelling("uncased"), list(zip(texts[::2], texts[1::2])))


def test_difficult_words_row_57(spelling):
    texts = ["ΑΣ ΑΣ. Σ", "İI ıi", "ẞß ﬀﬃ", "각가\u1100\u1161\u11a8", "\U0002b820\U0002b91f\U0002ebf0\U00030000", "👩🏽‍🚀👨‍👩‍👧‍👦",
             "a\u0323\u0307\u1e69\u0307\u0323", "\u302e\u0301a\u302f\u0316", "\u1d15f\U0001d15f\U0001d165\u0301"]
    for name in NORMALIZERS:
        assert_equal_to_wheel(*spelling(name), texts)


def test_empty_and_blank_texts_row_53(spelling):
    assert_equal_to_wheel(*spelling("uncased"), ["", " ", "\t\n\r ", "\ufeff", "[CLS][SEP]", "\x00", "\u3000"])


def test_long_words_and_many_marks_row_54(spelling):
    texts = ["x" * 100, "x" * 101, "é" * 100 + "x", "a" + "\u0301" * 3000, "a" + "\u0316\u0301" * 3000, "x" * 50000,
             ("lorem ipsum " * 4000) + "x" * 30000 + " dolor"]
    for name in NORMALIZERS:
        assert_equal_to_wheel(*spelling(name), texts)


def squad_questions():
    return json.loads(shared("data", "tokenizer-squad-questions", "question_tokens.json").read_text(encoding="utf-8"))


def corpus_texts(name):
    if name == "squad":
        return [question["original"] for question in squad_questions()]
    if name == "ewt":
        lines = shared("data", "corpora", "ud-english-ewt", "en_ewt-ud-train.conllu").open(encoding="utf-8")
        return [line[9:].rstrip("\n") for line in lines if line.startswith("# text = ")]
    if name == "wikitext":
        folder = shared("data", "corpora", "wikitext-2")
        return [line for part in ("test.txt", "valid.txt") for line in (folder / part).open(encoding="utf-8")]
    if name == "wikigold":
        text = shared("data", "corpora", "wikigold", "wikigold.conll.txt").read_text(encoding="utf-8")
        return [" ".join(line.split(" ")[0] for line in part.splitlines()) for part in text.split("\n\n")]
    books = sorted(shared("data", "corpora", "classic-books").glob("*/*"))
    return [book.read_text(encoding="utf-8", errors="replace") for book in books[:4]]


@pytest.mark.parametrize("name", ["squad", "ewt", "wikitext", "wikigold", "books"])
def test_corpus(squad, name):
    texts = corpus_texts(name)
    assert len(texts) > 3
    assert_equal_to_wheel(*squad, texts)


def test_squad_questions_are_tokenized_as_by_the_original_bert(squad):
    questions = squad_questions()
    ids = json.loads(shared("data", "tokenizer-squad-questions", "tokenized_questions.json").read_text())
    ours = ask_probe(squad[0], [q["original"] for q in questions], add_special_tokens=False)
    assert ours.tokens == [token for q in questions for token in q["wordpiece"]]
    assert ours.columns[0].tolist() == [i for question in ids for i in question]


@pytest.mark.parametrize("strategy", ["longest_first", "only_first", "only_second"])
def test_truncation_of_pairs_row_59(squad, strategy):
    pairs = [("one two three four five six seven", "eight nine ten"), ("a b", "c d e f g h i j k"), ("a", ""), ("", "b c"),
             ("a b c d e", "f g h i j")]
    directory, tokenizer = squad
    compared = 0
    for max_length in range(3, 16):
        ours = ask_probe(directory, pairs, max_length=max_length, strategy=strategy)
        for index, pair in enumerate(pairs):
            tokenizer.enable_truncation(max_length, strategy=strategy)
            try:
                tokenizer.encode(*pair)
            except Exception:  # the wheel raises nothing narrower
                assert ours.errors.get(index) == "TOK_TRUNC", (pair, max_length)
                continue
            assert_equal_to_wheel(directory, tokenizer, [pair], max_length=max_length, strategy=strategy)
            compared += 1
    assert compared > 20


def test_truncation_of_single_texts(squad):
    directory, tokenizer = squad
    for max_length in range(2, 12):
        assert_equal_to_wheel(directory, tokenizer, ["one two three four five six", "", "a"], max_length=max_length)
        assert_equal_to_wheel(directory, tokenizer, ["one two three"], max_length=max_length, add_special_tokens=False)


ADDED = [AddedToken("[M]", lstrip=True, rstrip=True), AddedToken("[N]", lstrip=True, normalized=False),
         AddedToken("Word", single_word=True), AddedToken("wOrdy", single_word=True, normalized=False),
         AddedToken("É b"), AddedToken("aa", normalized=False), AddedToken("aaa", normalized=False),
         AddedToken(" q", normalized=False), AddedToken("x", rstrip=True, normalized=False), AddedToken("漢字")]


def added_texts():
    import random
    rng = random.Random(47)
    pieces = ["[M]", "[m]", "[N]", "word", "WORD", "wOrdy", "é B", "É b", "aa", "a", "q", "x", " ", "\u3000", "\u00a0", "_",
              "漢字", "漢", ".", "b", "\u0301", "e\u0301 b", "\x00", "[CLS]", "\u200d", "9"]
    return ["".join(rng.choice(pieces) for _ in range(rng.randrange(1, 14))) for _ in range(4000)]


@pytest.mark.parametrize("name", NORMALIZERS)
def test_added_tokens_row_47(tmp_path, name):
    vocab = {t: i for i, t in enumerate([*wm.SPECIALS, "a", "b", "word", "##a", "e", "é", "q", "##x", ".", "_"])}
    tokenizer = wm.bert_tokenizer(vocab, wm.bert_normalizer(**NORMALIZERS[name]))
    tokenizer.add_tokens(ADDED)
    assert_equal_to_wheel(wm.save(tokenizer, tmp_path), tokenizer, added_texts())


def test_without_normalizer_pre_tokenizer_and_template(tmp_path):
    vocab = {t: i for i, t in enumerate([*wm.SPECIALS, "a b", "## ", "##é", "a", "##b"])}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    texts = ["a b", "a bé é", "ab", "", "É", "a b\x00"]
    assert_equal_to_wheel(wm.save(tokenizer, tmp_path / "bare"), tokenizer, texts)
    assert_equal_to_wheel(tmp_path / "bare", tokenizer, [(t, t) for t in texts])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    assert_equal_to_wheel(wm.save(tokenizer, tmp_path / "pre"), tokenizer, texts)


@pytest.mark.parametrize("processor", [
    processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)),
    processors.TemplateProcessing(single="[CLS]:3 $A:5 [SEP]:6", pair="[CLS] $B:1 [SEP]:1 $A:0 [SEP]:7",
                                  special_tokens=[("[CLS]", 2), ("[SEP]", 3)]),
], ids=["bert", "template"])
def test_post_processors(tmp_path, processor):
    vocab = {t: i for i, t in enumerate([*wm.SPECIALS, "a", "b", "##b"])}
    tokenizer = wm.bert_tokenizer(vocab)
    tokenizer.post_processor = processor
    directory = wm.save(tokenizer, tmp_path)
    for add_special_tokens in (True, False):
        for items in (["a b", "", "abb a"], [("a b", "abb"), ("", "b"), ("a", "")]):
            assert_equal_to_wheel(directory, tokenizer, items, add_special_tokens=add_special_tokens)


def test_vocab_txt_ids_are_those_of_the_wheel_row_42(tmp_path):
    text = "[PAD]\r\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na \u3000\n\nb\rc\nd\nd\n e\n##d\nlast"
    (tmp_path / "vocab.txt").write_bytes(text.encode())
    vocab = models.WordPiece.read_file(str(tmp_path / "vocab.txt"))
    tokenizer = wm.bert_tokenizer(vocab)
    assert_equal_to_wheel(tmp_path, tokenizer, ["a d dd last e b c [MASK] zz", "A D [CLS]"])


@pytest.mark.parametrize("name", ["uncased", "cased"])
def test_bad_utf8_is_replaced_as_python_does_row_51(spelling, name):
    bad = [b"a\x80b", b"\xff", b"\xc0\xaf x", b"\xed\xa0\x80z", b"\xf4\x90\x80\x80", b"a\xe2\x82", b"\xf0\x9f\x98 ok", b"\xe1\x80\xe1\x80\x80",
           b"ab\xc3", b"\xf8\x88\x80\x80\x80", "é".encode() + b"\x9f" + "漢".encode(), b"[MA\xffSK] [MASK]\xfe"]
    directory, _ = spelling(name)
    assert set(ask_probe(directory, bad).errors.values()) == {"TEXT_UTF8"}
    ours = ask_probe(directory, bad, replace=True)
    repaired = ask_probe(directory, [b.decode(errors="replace") for b in bad])
    assert not ours.errors and ours.tokens == repaired.tokens
    position = 0
    for index, raw in enumerate(bad):
        for k in range(position, position + int(ours.counts[index])):
            begin, end, special = (int(ours.columns[c][k]) for c in (2, 3, 6))
            expected = (repaired.columns[2][k], repaired.columns[3][k])
            text = raw.decode(errors="replace").encode()[expected[0]:expected[1]].decode()
            if not special:
                assert raw[begin:end].decode(errors="replace") == text, (raw, begin, end)
        position += int(ours.counts[index])
