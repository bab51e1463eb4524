"""`compare A B`: its arguments, what it refuses, what it writes, and its exit status."""

import argparse
import difflib
import math
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from plots.compare import json_report, page, provenance, text
from plots.compare.comparison import Changes, Rules, compare
from plots.compare.metrics import NOT_METRICS
from plots.compare.outcome import Outcome, outcome
from plots.compare.pairing import LABELS, Pairing, pair
from plots.compare.provenance import ACROSS, Difference
from plots.errors import InputError, Refused
from plots.results import Results, load, narrowed

_EPILOG = """exit status: 0 nothing is worse; 1 the two cannot be compared; 2 a mistake in the
command; 3 something is worse in B. docs/comparing.md tells how it is decided."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = commands.add_parser(
        "compare",
        help="what changed from one result to another, and how sure that is",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "a", type=Path, metavar="A", help="the base: results directory or run.sqlite"
    )
    parser.add_argument("b", type=Path, metavar="B", help="what is compared with it")
    parser.add_argument("--level", type=_share, default=0.05, help="false calls allowed (0.05)")
    parser.add_argument(
        "--tolerance",
        type=_share,
        default=0.01,
        metavar="SHARE",
        help="relative change that does not count: 0.01 or 1%% (the default)",
    )
    parser.add_argument(
        "--effect",
        type=_share,
        default=0.03,
        metavar="SHARE",
        help="say how many repetitions find this change (3%%)",
    )
    parser.add_argument(
        "--across",
        action="append",
        default=[],
        metavar="KEY[,KEY]",
        help="compare although these differ (kernel, cpu_model, ...), or all; they are shown",
    )
    parser.add_argument(
        "--metric",
        action="append",
        default=[],
        metavar="NAME",
        help="only this metric; may be repeated; fewer comparisons find smaller changes",
    )
    parser.add_argument(
        "--tainted", action="store_true", help="test cells with only tainted trials"
    )
    parser.add_argument("--all", action="store_true", help="print what did not change, too")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with a figure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number")
    return parser


def run(options: argparse.Namespace, where: dict[str, str]) -> int:
    """Prints the comparison, writes what was asked for, and gives the exit status."""
    _check(options)
    results = load([options.a, options.b])
    a, b = (store.path.resolve() for store in results.stores)
    if a == b:
        raise InputError(f"A and B are both {a}: give two different results.")
    if where:
        results = narrowed(results, where)
    across = _across(options.across)
    spoiling = provenance.spoiling(results)
    _refuse(provenance.refused(spoiling, across))
    rules = _rules(results, options)
    pairing = pair(results)
    changes = _changes(results, pairing, rules, options.metric)
    facts = provenance.informing(results)
    found = outcome(
        results, rules, options.effect, pairing, changes, spoiling, facts, options.metric
    )
    _write(found, options)
    print(text.render(found, options.all), end="")
    return found.status


def _check(options: argparse.Namespace) -> None:
    if options.effect <= options.tolerance:
        raise InputError(
            f"--effect {options.effect:g} is no more than --tolerance {options.tolerance:g}, so no"
            " number of repetitions can find it: state a larger effect or a smaller tolerance."
        )
    if not 0 < options.level < 1:
        raise InputError(f"--level {options.level:g}: give a share between 0 and 1, as 0.05.")


def _share(written: str) -> float:
    """0.01 or 1%."""
    try:
        number = float(written[:-1]) / 100.0 if written.endswith("%") else float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < 10:
        raise argparse.ArgumentTypeError(f"{written} is not a share: write 0.03 or 3%")
    return number


def _across(given: Sequence[str]) -> Collection[str]:
    keys = [key for part in given for key in part.split(",") if key]
    for key in keys:
        if key not in (*ACROSS, "all"):
            raise InputError(
                f"--across {key}: {_suggestion(key, [*ACROSS, 'all'])} Those that refuse a"
                f" comparison are: {', '.join(ACROSS)}; or all."
            )
    return keys


def _refuse(differences: Sequence[Difference]) -> None:
    if not differences:
        return
    keys = list(dict.fromkeys(difference.key for difference in differences))
    raise Refused(
        [
            *(difference.sentence() for difference in differences),
            "These two cannot be compared as they are. If the comparison is about that, say"
            f" --across {','.join(keys)}.",
        ]
    )


def _rules(results: Results, options: argparse.Namespace) -> Rules:
    steps = []
    for store in results.stores:
        try:
            steps.append(float(store.provenance.get("tsc_resolution_cycles", "0")))
        except ValueError:
            continue
    return Rules(options.level, options.tolerance, options.tainted, max(steps, default=0.0))


def _changes(results: Results, pairing: Pairing, rules: Rules, metrics: Sequence[str]) -> Changes:
    known = [c for c in results.trials if c not in NOT_METRICS | LABELS]
    for metric in metrics:
        if metric not in known:
            raise InputError(f"--metric {metric}: {_suggestion(metric, known)}")
    if pairing.cells.empty:
        raise Refused(["A and B have no cell in common that was measured in both."])
    changes = compare(pairing, rules, metrics)
    if all(verdict == "untested" for _, verdict in changes.counts()):
        why = "; ".join(sorted(changes.reasons())) or "no metric has values on both sides"
        raise Refused([f"Nothing could be tested in {len(pairing.cells)} common cells: {why}."])
    return changes


def _suggestion(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"there is no such name; did you mean {close[0]}?" if close else "there is no such name."


def _write(found: Outcome, options: argparse.Namespace) -> None:
    for option, path, content in (
        ("--html", options.html, page.render),
        ("--json", options.json, json_report.render),
    ):
        if path is None:
            continue
        try:
            path.write_text(content(found), encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"cannot write {path}: {error.strerror}; choose another place with {option}."
            ) from error
        print(path, file=sys.stderr)
