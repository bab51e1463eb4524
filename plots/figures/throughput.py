"""What a search found: the highest rate for each target, and what a buffer takes in a burst."""

from collections.abc import Iterable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from plots import style
from plots.errors import NoData
from plots.figure import Drawn, Request
from plots.results import Results
from plots.wording import digits, rate, sentences, setting

QUESTION = (
    "How many events a second may be offered, and how large a burst, before records are lost?"
)
_WIDTH = 9.6  # inches
_ROW_HEIGHT = 0.42  # a cell
_TARGET_MARKERS = "o s ^ D v P X".split()
# A search decides about them; they tell nothing of what was searched.
_NOT_TOLD = {"rate", "duration_ms", "warmup_ms", "stamps"}


def draw(results: Results, _: Request) -> Drawn:
    found = _rows(results, "search")
    if found.empty:
        raise NoData("the store holds no search (see ./run.sh search and docs/searching.md)")
    cells = results.cells[results.cells.key.isin(found.key)].set_index("key", drop=False)
    labels = _labels(results, cells)
    capacity = _away(results, labels)
    targets = sorted(found.target.unique())
    picture, (left, right) = _sheet(len(labels), _handles(targets))
    _draw_rates(left, found, cells, list(labels), targets)
    _draw_capacity(right, capacity, cells, list(labels))
    left.set_yticks(range(len(labels)), list(labels.values()))
    left.set_ylim(len(labels) - 0.5, -0.5)
    return Drawn(
        name="throughput",
        title=QUESTION,
        caption=sentences(
            "Left: the interval between the highest offered rate of all producers that met the"
            " target and the lowest that did not; an arrow: producers can offer no more; hollow:"
            " noise left it open.",
            "Right: records of a back-to-back burst that an empty buffer took while its consumer"
            " was away (median over bursts); the stroke is what the payloads alone would fill.",
        ),
        alt=f"Highest rates of {len(labels)} searched cells for {len(targets)} drop targets, with"
        " the records that their buffers take in a burst",
        picture=picture,
        table=_table(found, labels, capacity),
    )


def _sheet(rows: int, handles: Sequence[Line2D]) -> tuple[Figure, tuple[Axes, Axes]]:
    top, bottom = 0.45, 0.35  # inches, for the question and the legend
    height = top + 0.6 + _ROW_HEIGHT * rows + bottom
    layout = ConstrainedLayoutEngine(
        w_pad=0.08, rect=(0, bottom / height, 1, 1 - (top + bottom) / height)
    )
    picture = Figure(figsize=(_WIDTH, height), layout=layout)
    picture.text(0.1 / _WIDTH, 1 - 0.1 / height, QUESTION, fontsize=11, fontweight="bold", va="top")
    axes = picture.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    picture.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.05 / _WIDTH, 0.02 / height),
        ncol=len(handles),
    )
    return picture, (axes[0], axes[1])


def _rows(results: Results, table: str, column: str = "cell_id") -> pd.DataFrame:
    parts = []
    for number, store in enumerate(results.stores):
        rows = store.all_rows(table)
        parts.append(rows.assign(key=f"{number}:" + rows[column].astype(str)))
    found = pd.concat(parts, ignore_index=True)
    return found[found.key.isin(results.cells.key)]


def _labels(results: Results, cells: pd.DataFrame) -> dict[str, str]:
    """Transport and what tells the searched cells apart, by key, in the order of the stores."""
    names = [
        name
        for name in ("server", *results.parameters, *results.options)
        if name not in _NOT_TOLD and cells[name].astype(object).nunique() > 1
    ]
    labels = {}
    for key, cell in cells.iterrows():
        told = [
            str(cell[name]) if name == "server" else setting(name, cell[name])
            for name in names
            if pd.notna(cell[name])
        ]
        labels[str(key)] = ", ".join([str(cell.transport), *told])
    return labels


def _away(results: Results, labels: Iterable[str]) -> pd.DataFrame:
    """Nominal and accepted records of bursts beside a consumer that is away, by searched cell."""
    rows = _rows(results, "capacity", "searched_cell_id")
    rows = rows.assign(burst=rows.key.str.partition(":")[0] + ":" + rows.cell_id.astype(str))
    polls = results.cells.set_index("key").poll
    rows = rows[rows.burst.map(polls) == "after_window"]
    medians = rows.groupby("key")[["nominal_records", "accepted_records"]].median()
    return medians.reindex(list(labels))


def _draw_rates(
    axes: Axes,
    found: pd.DataFrame,
    cells: pd.DataFrame,
    keys: Sequence[str],
    targets: Sequence[float],
) -> None:
    spread = 0.6 / len(targets)
    for row in found.itertuples():
        look = style.look(cells.transport[row.key])
        rank = targets.index(row.target)
        y = keys.index(row.key) + (rank - (len(targets) - 1) / 2) * spread
        if pd.isna(row.rate_low):
            continue
        axes.plot(
            [row.rate_low],
            [y],
            marker=_TARGET_MARKERS[rank % len(_TARGET_MARKERS)],
            color=look.colour,
            markerfacecolor="white" if row.status == "noisy" else look.colour,
            linestyle="none",
        )
        if row.status == "unbounded":
            axes.plot([row.rate_low * 1.12], [y], marker=">", ms=4, color=look.colour)
        elif pd.notna(row.rate_high):
            axes.plot([row.rate_low, row.rate_high], [y, y], color=look.colour, lw=2.4)
    axes.set_xscale("log")
    rates = found.rate_low.dropna()
    wide = rates.empty or rates.max() / rates.min() > 50
    if not rates.empty:
        axes.set_xlim(rates.min() / 1.6, rates.max() * 1.6)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: rate(value)))
    axes.set_xlabel("highest offered rate (events/s, all producers)")


def _draw_capacity(
    axes: Axes, capacity: pd.DataFrame, cells: pd.DataFrame, keys: Sequence[str]
) -> None:
    for y, key in enumerate(keys):
        nominal, accepted = capacity.loc[key, ["nominal_records", "accepted_records"]]
        if pd.isna(accepted):
            axes.annotate("no drop seen", (0, y), (4, 0), textcoords="offset points", va="center")
            continue
        axes.barh(y, accepted, height=0.5, color=style.look(cells.transport[key]).colour)
        axes.plot([nominal, nominal], [y - 0.36, y + 0.36], color="#222222", lw=1.4)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: digits(value)))
    axes.set_xlim(left=0)
    axes.set_xlabel("records of a burst")


def _handles(targets: Sequence[float]) -> list[Line2D]:
    return [
        Line2D(
            [],
            [],
            color="#444444",
            linestyle="none",
            marker=_TARGET_MARKERS[rank % len(_TARGET_MARKERS)],
            label="no drop" if target == 0 else f"at most {target:g} dropped",
        )
        for rank, target in enumerate(targets)
    ]


def _table(found: pd.DataFrame, labels: dict[str, str], capacity: pd.DataFrame) -> pd.DataFrame:
    def text(value: float) -> str:
        return "–" if pd.isna(value) else rate(value)

    def records(value: float) -> str:
        return "–" if pd.isna(value) else digits(value)

    return pd.DataFrame(
        [
            {
                "cell": labels[row.key],
                "target": f"{row.target:g}",
                "met at": text(row.rate_low),
                "not met at": text(row.rate_high),
                "result": row.status if not row.reason else f"{row.status}: {row.reason}",
                "trials": str(row.trials),
                "burst taken (records)": records(capacity.accepted_records[row.key]),
                "nominal (records)": records(capacity.nominal_records[row.key]),
            }
            for row in found.itertuples()
        ]
    )
