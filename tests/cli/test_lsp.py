"""`skyflow lsp`: without its extra it says what to install. What it does is tested in tests/lsp."""

from __future__ import annotations

import subprocess
import sys

MISSING = "import sys\nsys.modules['pygls'] = sys.modules['lsprotocol'] = None\nfrom skyflow.cli.main import main\nsys.exit(main(['lsp', '--stdio']))"


def test_without_the_extra_it_says_what_to_install() -> None:
    ended = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 4
    assert ended.stdout == ""
    assert "pip install '.[lsp]'" in ended.stderr
