"""`python3 -m plots plan`: the page of a plan, and its figure as files beside it."""

import argparse
from pathlib import Path
from typing import Any

from matplotlib import rc_context

from plots import figure, style
from plots.plan import page, pareto, reading


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "plan", help="write plan.html, the page of a plan, and its Pareto figure"
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="folder of `./run.sh plan`, or its plan.json"
    )
    parser.add_argument("--out", type=Path, help="file to write (default: plan.html in DIR)")
    return parser


def run(options: argparse.Namespace) -> list[Path]:
    given: Path = options.folder
    file = given if given.is_file() else given / reading.FILE_NAME
    plan = reading.read(file)
    path: Path = options.out or file.parent / "plan.html"
    with rc_context(style.RC):
        drawn = pareto.draw(plan)
    path.write_text(page.render(plan, drawn), encoding="utf-8")
    return [path, *figure.write(drawn, path.parent)]
