"""`python3 -m plots questions`: the page of the questions, and their figures as files beside it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plots import figure
from plots.questions import page, section, selection
from plots.questions.section import Section
from plots.results import joined


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "questions", help="write one report.html that answers the questions from their runs"
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="folder of `./run.sh questions`, which holds a results directory for each question, or"
        " such a directory",
    )
    parser.add_argument(
        "--out", type=Path, help="file to write (default: report.html in the first DIR)"
    )
    return parser


def run(options: argparse.Namespace) -> Path:
    stores, unusable = selection.opened(options.folders)
    results = joined(stores)
    sections = section.sections(results, unusable)
    path: Path = options.out or options.folders[0] / "report.html"
    text = page.render(results, sections, unusable)
    path.write_text(text, encoding="utf-8")
    _write_figures(sections, path.parent / "figures")
    return path


def _write_figures(sections: Sequence[Section], folder: Path) -> None:
    for one in sections:
        if one.answer and one.answer.figure:
            figure.write(one.answer.figure, folder)
