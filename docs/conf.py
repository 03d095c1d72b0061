# SPDX-License-Identifier: Apache-2.0
"""Sphinx's settings of the documentation site; `make docs` builds it.

C++ comes from the headers, through Doxygen; Python from the installed package.
"""

import pathlib
import re
import shutil
import subprocess
import sys

DOCS = pathlib.Path(__file__).parent
ROOT = DOCS.parent
XML = ROOT / "build/docs/xml"
sys.path.insert(0, str(DOCS / "_ext"))


def read_version():
    header = (ROOT / "include/attnscope/version.h").read_text()
    return ".".join(re.search(rf"VERSION_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH"))


def run_doxygen():
    """XML of the public headers for Breathe."""
    if shutil.which("doxygen") is None:
        raise SystemExit("docs: doxygen is not installed; `make docs` installs what it needs")
    XML.mkdir(parents=True, exist_ok=True)
    settings = {
        "INPUT": ROOT / "include/attnscope", "XML_OUTPUT": XML, "GENERATE_XML": "YES", "GENERATE_HTML": "NO",
        "GENERATE_LATEX": "NO", "QUIET": "YES", "WARN_IF_UNDOCUMENTED": "NO", "WARN_AS_ERROR": "FAIL_ON_WARNINGS",
        "EXTRACT_ALL": "YES", "JAVADOC_AUTOBRIEF": "NO", "AUTOLINK_SUPPORT": "NO", "SORT_MEMBER_DOCS": "NO",
        "INPUT_FILTER": f"{sys.executable} {DOCS / '_ext/header_comments.py'}", "XML_PROGRAMLISTING": "NO",
        "STRIP_FROM_PATH": ROOT / "include", "EXCLUDE": ROOT / "include/attnscope/attnscope.h",
    }  # fmt: skip
    text = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    subprocess.run(["doxygen", "-"], input=text, text=True, check=True)


run_doxygen()

project = "attnscope"
author = "the attnscope authors"
copyright = "the attnscope authors; Apache-2.0"
release = version = read_version()

extensions = [
    "myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx_copybutton", "breathe", "cpp_header",
    "python_docstrings",
]  # fmt: skip
exclude_patterns = ["_ext", "requirements.txt"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

breathe_projects = {"attnscope": str(XML)}
breathe_default_project = "attnscope"
breathe_show_include = False
primary_domain = "py"
highlight_language = "text"

autodoc_docstring_signature = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autosummary_generate = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
cpp_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

copybutton_exclude = ".linenos, .gp, .go"

html_theme = "furo"
html_title = f"attnscope {release}"
html_static_path = ["_static"]
html_css_files = ["attnscope.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
