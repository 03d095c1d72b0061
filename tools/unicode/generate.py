# SPDX-License-Identifier: Apache-2.0
"""Writes src/tokenizer/unicode_tables.inc by probing the `tokenizers` wheel.

The wheel mixes crates of different Unicode versions, so no published table equals it: every scalar is put
through the wheel's own normalizers, pre-tokenizer and added-token matcher, and the answers are written down.

    python tools/unicode/generate.py            rewrite the file
    python tools/unicode/generate.py --check    exit 1 if the file is not what the wheel says
"""

import argparse
import pathlib
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "src" / "tokenizer" / "unicode_tables.inc"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
MARKER = "QZQ"  # the added token of the probes: contains nothing that is probed beside it
BLOCK = 2048

# Bits of a property value; the combining class rank stands above them (see unicode.h).
REMOVED, BLANKED, CJK, NONSPACING, WHITESPACE, PUNCTUATION, WORD, SPACE, LOWERS, DECOMPOSES = (1 << i for i in range(10))
RANK_SHIFT = 10

HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3


def bert(**flags):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **flags})


def probe_clean():
    """Scalars that clean_text removes, and those it turns into a blank."""
    clean = bert(clean_text=True).normalize_str
    results = {c: clean(chr(c)) for c in SCALARS}
    removed = {c for c, text in results.items() if text == ""}
    blanked = {c for c, text in results.items() if text == " " and c != 0x20}
    assert all(results[c] == chr(c) for c in SCALARS if c not in removed and c not in blanked)
    return removed, blanked


def probe_cjk():
    pad = bert(handle_chinese_chars=True).normalize_str
    padded = {c for c in SCALARS if pad(chr(c)) != chr(c)}
    assert all(pad(chr(c)) == f" {chr(c)} " for c in padded)
    return padded


def hangul(scalar):
    index = scalar - HANGUL_FIRST
    lead, vowel, trail = index // 588, index % 588 // 28, index % 28
    jamo = [chr(0x1100 + lead), chr(0x1161 + vowel)] + ([chr(0x11A7 + trail)] if trail else [])
    return "".join(jamo)


def probe_decompositions():
    """Full canonical decompositions; Hangul syllables follow the arithmetic rule and are left out."""
    nfd = normalizers.NFD().normalize_str
    changed = {c: nfd(chr(c)) for c in SCALARS if nfd(chr(c)) != chr(c)}
    for c in range(HANGUL_FIRST, HANGUL_LAST + 1):
        assert changed.pop(c) == hangul(c)
    return changed


def probe_nonspacing(decompositions):
    """Scalars that strip_accents drops; asked only of scalars that survive decomposition."""
    strip = bert(strip_accents=True).normalize_str
    marks = {c for c in SCALARS if c not in decompositions and strip(chr(c)) == ""}
    for c, parts in decompositions.items():
        assert strip(chr(c)) == "".join(p for p in parts if ord(p) not in marks)
    return marks


def probe_combining_ranks(decompositions):
    """Rank of each scalar's canonical combining class (1 = lowest class), found by what changes places."""
    nfd = normalizers.NFD().normalize_str

    def swaps(first, second):
        return nfd(first + second) == second + first and first != second

    # One scalar for each class that the wheel knows; Python's newer tables only propose them.
    low_anchor, high_anchor = "\u0334", "\u0345"
    samples = {1: low_anchor, 240: high_anchor}
    for c in SCALARS:
        combining = unicodedata.combining(chr(c))
        if combining and c not in decompositions and (swaps(high_anchor, chr(c)) or swaps(chr(c), low_anchor)):
            samples.setdefault(combining, chr(c))
    ordered = [samples[k] for k in sorted(samples)]
    assert all(swaps(high, low) for low, high in zip(ordered, ordered[1:]))

    def rank(char):
        below = sum(1 for sample in ordered if swaps(char, sample))
        above = sum(1 for sample in ordered if swaps(sample, char))
        assert below + above == len(ordered) - 1, hex(ord(char))
        return below + 1

    movable = [c for c in SCALARS if c not in decompositions and not HANGUL_FIRST <= c <= HANGUL_LAST
               and (swaps(high_anchor, chr(c)) or swaps(chr(c), low_anchor))]
    return {c: rank(chr(c)) for c in movable}


def probe_lowercase():
    lower = bert(lowercase=True).normalize_str
    return {c: lower(chr(c)) for c in SCALARS if lower(chr(c)) != chr(c)}


def probe_pre_tokenizer():
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    pieces = {c: len(split("a" + chr(c) + "b")) for c in SCALARS}
    return {c for c in SCALARS if pieces[c] == 2}, {c for c in SCALARS if pieces[c] == 3}


def marker_tokenizer(**flags):
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.add_tokens([AddedToken(MARKER, normalized=False, **flags)])
    return tokenizer


def marker_spans(tokenizer, pieces):
    """Spans of the marker in the joined pieces, relative to the piece that holds it."""
    spans = {}
    for begin in range(0, len(pieces), BLOCK):
        block = pieces[begin:begin + BLOCK]
        encoding = tokenizer.encode("".join(block), add_special_tokens=False)
        found = [span for token, span in zip(encoding.ids, encoding.offsets) if token == 1]
        position, k = 0, 0
        for index, piece in enumerate(block):
            if k < len(found) and found[k][0] < position + len(piece):
                spans[begin + index] = (found[k][0] - position, found[k][1] - position)
                k += 1
            position += len(piece)
        assert k == len(found)
    return spans


def probe_added_token_classes():
    """Word characters (they hide a single_word token) and blanks (lstrip and rstrip take them)."""
    single = marker_tokenizer(single_word=True)
    before = marker_spans(single, ["." + chr(c) + MARKER + "." for c in SCALARS])
    after = marker_spans(single, ["." + MARKER + chr(c) + "." for c in SCALARS])
    words = {c for i, c in enumerate(SCALARS) if i not in before}
    assert words == {c for i, c in enumerate(SCALARS) if i not in after}

    left = marker_spans(marker_tokenizer(lstrip=True), ["." + chr(c) + MARKER + "." for c in SCALARS])
    right = marker_spans(marker_tokenizer(rstrip=True), ["." + MARKER + chr(c) + "." for c in SCALARS])
    blanks = {c for i, c in enumerate(SCALARS) if left[i] == (1, 5)}
    assert blanks == {c for i, c in enumerate(SCALARS) if right[i] == (1, 5)}
    return words, blanks


def property_values(decompositions, lowercase):
    removed, blanked = probe_clean()
    whitespace, punctuation = probe_pre_tokenizer()
    words, blanks = probe_added_token_classes()
    sets = {REMOVED: removed, BLANKED: blanked, CJK: probe_cjk(), NONSPACING: probe_nonspacing(decompositions),
            WHITESPACE: whitespace, PUNCTUATION: punctuation, WORD: words, SPACE: blanks,
            LOWERS: set(lowercase), DECOMPOSES: set(decompositions)}
    values = [0] * 0x110000
    for bit, members in sets.items():
        for c in members:
            values[c] |= bit
    for c in range(HANGUL_FIRST, HANGUL_LAST + 1):
        values[c] |= DECOMPOSES
    for c, rank in probe_combining_ranks(decompositions).items():
        values[c] |= rank << RANK_SHIFT
    assert max(values) < 1 << 16
    return values


def property_ranges(values):
    """(first scalar, value) wherever the value changes; surrogates continue what stands before them."""
    values[0xD800:0xE000] = [values[0xD7FF]] * 0x800
    return [(c, v) for c, v in enumerate(values) if c == 0 or v != values[c - 1]]


def lowercase_ranges(lowercase):
    """(first, last, step, delta) over scalars whose lower case is one scalar at the same distance."""
    ranges = []
    for c, text in sorted(lowercase.items()):
        if len(text) != 1:
            continue
        delta = ord(text) - c
        if ranges:
            first, last, step, known = ranges[-1]
            gap = c - last
            if known == delta and gap in (1, 2) and step in (0, gap):
                ranges[-1] = (first, c, gap, delta)
                continue
        ranges.append((c, c, 0, delta))
    return [(first, last, step or 1, delta) for first, last, step, delta in ranges]


def rows(items, width=110):
    line, lines = "   ", []
    for item in items:
        if len(line) + len(item) + 2 > width:
            lines.append(line)
            line = "   "
        line += f" {item},"
    return "\n".join(lines + [line])


def render():
    decompositions, lowercase = probe_decompositions(), probe_lowercase()
    expansions = {c: text for c, text in lowercase.items() if len(text) > 1}
    values = property_values(decompositions, lowercase)
    sections = [
        ("PropertyRange kPropertyRanges", rows(f"{{{c:#x}, {v}}}" for c, v in property_ranges(values))),
        ("LowercaseRange kLowercaseRanges",
         rows(f"{{{f:#x}, {l:#x}, {s}, {d}}}" for f, l, s, d in lowercase_ranges(lowercase))),
        ("Mapping kLowercaseExpansions", rows(mapping(c, t) for c, t in sorted(expansions.items()))),
        ("Mapping kDecompositions", rows(mapping(c, t) for c, t in sorted(decompositions.items()))),
    ]
    head = ("// SPDX-License-Identifier: Apache-2.0\n"
            f"// Written by tools/unicode/generate.py from the tokenizers wheel {tokenizers.__version__}; do not edit.\n"
            "// clang-format off\n")
    return head + "".join(f"\nconstexpr {name}[] = {{\n{body}\n}};\n" for name, body in sections)


def mapping(scalar, text):
    return f"{{{scalar:#x}, {{{', '.join(f'{ord(c):#x}' for c in text)}}}}}"


def without_version(text):
    return [line for line in text.splitlines() if "tokenizers wheel" not in line]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if not parser.parse_args().check:
        OUTPUT.write_text(render(), encoding="ascii")
        return 0
    same = without_version(OUTPUT.read_text(encoding="ascii")) == without_version(render())
    print("tables equal the wheel" if same else f"{OUTPUT.name} differs from the wheel: run tools/unicode/generate.py")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
