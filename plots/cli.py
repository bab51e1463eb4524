"""python3 -m plots: the commands. Paths written go to stdout, everything else to stderr."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context

from plots import catalogue, figure, style
from plots.compare import command as compare
from plots.errors import InputError, NoData, Refused
from plots.kernel import selftest
from plots.kernel.cells import has_kernel
from plots.plan import command as plan
from plots.questions import command as questions
from plots.questions import section
from plots.report import page
from plots.results import Results, load, narrowed


def main(arguments: Sequence[str]) -> int:
    """What the command says; 2 where it, a store or a plan cannot be used, with a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except (InputError, NoData) as error:
        print(f"plots: {error}", file=sys.stderr)
        return 2
    except Refused as error:
        for reason in error.reasons:
            print(f"plots: {reason}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(
            f"plots: cannot write {error.filename}: {error.strerror}; choose another place with"
            " --out.",
            file=sys.stderr,
        )
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m plots", description="Figures and reports from what ringbench wrote."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="name every figure and its question")
    listing.set_defaults(run=_list)
    drawing = commands.add_parser("figure", help="write one figure, or all, as SVG, PNG and CSV")
    drawing.add_argument("name", metavar="NAME", help="a name from `list`, or all")
    _add_common(drawing, "folder to write to (default: figures/ in the first DIR)")
    drawing.add_argument("--cell", metavar="ID", help="the cell that the machine drawing shows")
    drawing.set_defaults(run=_figure)
    report = commands.add_parser(
        "report", help="write report.html, one file without network access"
    )
    _add_common(report, "file to write (default: report.html in the first DIR)")
    report.set_defaults(run=_report)
    asking = questions.add(commands)
    asking.set_defaults(run=_questions)
    plan.add(commands).set_defaults(run=_plan)
    likewise = commands.add_parser(
        "selftest", help="print the scenarios of the kernel's own benchmark as its script does"
    )
    likewise.add_argument(
        "stores", nargs="+", type=Path, metavar="DIR", help="results directory or run.sqlite"
    )
    _add_where(likewise)
    likewise.set_defaults(run=_selftest)
    comparing = compare.add(commands)
    _add_where(comparing)
    comparing.set_defaults(run=_compare)
    return parser


def _add_common(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument(
        "stores", nargs="+", type=Path, metavar="DIR", help="results directory or run.sqlite"
    )
    parser.add_argument("--out", type=Path, help=out)
    _add_where(parser)


def _add_where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="only cells whose parameter or option has this value; may be repeated",
    )


def _list(_: argparse.Namespace) -> int:
    entries = (*catalogue.FIGURES, *catalogue.KERNEL, *section.entries())
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        print(f"{entry.name:{width}}  {entry.question}")
    return 0


def _figure(options: argparse.Namespace) -> int:
    everything = options.name == "all"
    single = () if everything else (catalogue.find(options.name, section.entries()),)
    results = _load(options)
    kernel = catalogue.KERNEL if has_kernel(results) else ()
    entries = single or (*catalogue.FIGURES, *kernel, *section.entries_of(results))
    folder = options.out or _home(options.stores[0]) / "figures"
    request = figure.Request(cell=options.cell)
    paths: list[Path] = []
    for entry in entries:
        try:
            with rc_context(style.RC):
                drawn = entry.draw(results, request)
        except NoData as reason:
            if not everything:
                raise NoData(f"{entry.name} cannot be drawn: {reason}.") from reason
            print(f"plots: {entry.name} is left out: {reason}.", file=sys.stderr)
            continue
        paths += figure.write(drawn, folder)
    return _printed(paths)


def _report(options: argparse.Namespace) -> int:
    path = options.out or _home(options.stores[0]) / "report.html"
    path.write_text(page.render(_load(options)), encoding="utf-8")
    return _printed([path])


def _questions(options: argparse.Namespace) -> int:
    return _printed([questions.run(options)])


def _plan(options: argparse.Namespace) -> int:
    return _printed(plan.run(options))


def _selftest(options: argparse.Namespace) -> int:
    results = _load(options)
    text = selftest.text(results)
    if not text:
        raise NoData(f"there is no benchmark to print: {selftest.missing(results)}.")
    print(text)
    print(f"plots: {selftest.NOTE}", file=sys.stderr)
    return 0


def _compare(options: argparse.Namespace) -> int:
    return compare.run(options, _conditions(options.where))


def _printed(paths: Sequence[Path]) -> int:
    for path in paths:
        print(path)
    return 0


def _load(options: argparse.Namespace) -> Results:
    results = load(options.stores)
    return narrowed(results, _conditions(options.where)) if options.where else results


def _conditions(texts: Sequence[str]) -> dict[str, str]:
    conditions = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not (name and separator and value):
            raise InputError(f"--where {text}: write KEY=VALUE, as in --where record_size=64.")
        conditions[name] = value
    return conditions


def _home(given: Path) -> Path:
    return given if given.is_dir() else given.parent
