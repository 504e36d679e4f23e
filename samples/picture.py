"""Makes samples/merge.svg: a real merge of the samples, as a terminal shows it. Run: python samples/picture.py"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

SAMPLES = Path(__file__).resolve().parent
COMMAND = "bibtools merge refs.bib listing-compact.txt --as-of 2026-11-20 --dry-run"
WIDTH = 118


def terminal(command: str, folder: str) -> str:
    """What a command prints when it believes it is on a terminal."""
    main, side = pty.openpty()
    here = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    env |= {"BIBTOOLS_STATE": folder + "/state"}
    process = subprocess.Popen(["sh", "-c", command], cwd=folder, stdin=side, stdout=side, stderr=side, env=env)
    os.close(side)
    said = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not piece:
            break
        said += piece
    process.wait()
    os.close(main)
    return said.decode("utf-8").replace("\r\n", "\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("refs.bib", "listing-compact.txt"):
            shutil.copy(SAMPLES / name, folder)
        said = terminal(COMMAND, folder)
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123
    console.print(Text.assemble(("$ ", "bold green"), COMMAND))
    console.print(Text.from_ansi(said))
    console.save_svg(str(SAMPLES / "merge.svg"), title="bibtools merge")


if __name__ == "__main__":
    main()
