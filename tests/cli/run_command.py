# SPDX-License-Identifier: Apache-2.0
"""`attnscope run`, which is expected to succeed."""


def run(attnscope, *arguments):
    result = attnscope("run", *arguments)
    assert result.returncode == 0, result.stderr
    return result
