# SPDX-License-Identifier: Apache-2.0
"""C++ programs made of the blocks of a page, or of the examples in a header.

Statements go into main(), each block inside the scope of those before it, so that a page reads as one program; a block
with a main() of its own is a program of its own. Line numbers in errors are those of the page.
"""

import re
import sys

from snippets import ROOT

sys.path.insert(0, str(ROOT / "docs/_ext"))
from header_comments import examples_of

MARK = "\x1e"  # printed before each block
HEADERS = "algorithm cstdint exception fstream iostream map string utility vector"
# What the examples of a header take for granted.
TAKEN_FOR_GRANTED = {
    "checkpoint.h": 'const auto file = SafetensorsFile::open(MODEL "/model.safetensors");\n'
    "const auto report = [](std::int64_t) {};",
    "entities.h": 'std::ofstream("dev.conll") << "Paris B-LOC\\n";\nconst auto use = [](const LabelledSentence&) {};',
    "head_report.h": "const Model model = Model::load();\nconst Tokenizer& tokenizer = model.tokenizer();\nRun run(model);",
    "interventions.h": "Run run(Model::load());",
    "model.h": "std::vector<Tensor> weights;",
    "outputs.h": 'const std::vector<std::string> tokens{"[CLS]", "hello", "[SEP]"};\n'
    "const auto layers = Tensor::of({2}, std::vector<std::int64_t>{0, 1});",
    "tensor.h": "const Tensor tensor({1, 4, 3, 3});\nconst TensorView weights = tensor.view();",
    "tokenizer.h": 'const std::string document = "Angela lives in Paris.";',
    "weight_table.h": "const Model model = Model::load();",
    "word_report.h": "const Model model = Model::load();",
}


def program_of(blocks, prelude=""):
    """`blocks`: (file, line, code). Returns the text of a program."""
    includes, body = [f"#include <{name}>" for name in HEADERS.split()], [prelude]
    for file, line, code in blocks:
        statements = []
        for text in code.splitlines():
            is_include = text.startswith("#include")
            includes += [text] if is_include else []
            statements.append("" if is_include else text)
        body += ["{ std::cout << MARK;", f'#line {line} "{file}"', *statements]
    begin = ["int main() try {", *body, *["}" for _ in blocks]]
    end = ["} catch (const std::exception& error) {", "  std::cerr << error.what() << '\\n';", "  return 1;", "}"]
    mark = f'constexpr const char* MARK = "\\x{ord(MARK):02x}";'
    return "\n".join([*includes, "#include <attnscope/attnscope.h>", mark, *begin, *end, ""])


def is_program(block):
    return re.search(r"^int main\(", block.code, re.MULTILINE) is not None


def page_programs(blocks):
    """{program: (text, blocks)} of all C++ blocks."""
    programs = {}
    for page in dict.fromkeys(block.page for block in blocks):
        stem = re.sub(r"\W", "_", page.removesuffix(".md"))
        of_page = [block for block in blocks if block.page == page]
        parts = [block for block in of_page if not is_program(block)]
        if parts:
            programs[stem] = (program_of([(block.page, block.line, block.code) for block in parts]), parts)
        for block in of_page:
            if is_program(block):
                programs[f"{stem}_{block.line}"] = (f'#line {block.line} "{block.page}"\n{block.code}\n', [block])
    return programs


def header_programs():
    """{program: text} of the headers that have examples."""
    programs = {}
    for path in sorted((ROOT / "include/attnscope").glob("*.h")):
        name = path.relative_to(ROOT).as_posix()
        examples = [(name, line, code) for line, code in examples_of(path.read_text(encoding="utf-8"))]
        if examples:
            prelude = "using namespace attnscope;\n" + TAKEN_FOR_GRANTED.get(path.name, "")
            programs[f"header_{path.stem}"] = program_of(examples, prelude)
    return programs
