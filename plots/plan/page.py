"""plan.html: the recommendation first, then what it rests on; one file that needs no network."""

from pathlib import Path

from plots import html
from plots.figure import Drawn
from plots.plan import tables
from plots.plan.document import Plan
from plots.plan.numbers import CONFIDENCE
from plots.wording import counted, listed


def render(plan: Plan, drawn: Drawn) -> str:
    """`drawn`: the Pareto figure."""
    template = html.environment(Path(__file__).parent).get_template("plan.html.j2")
    return template.render(
        plan=plan,
        title=plan.file.title.strip() or plan.file.path,
        draws=_draws(plan),
        confidence=CONFIDENCE,
        verdict=verdict(plan),
        chosen=tables.chosen(plan),
        limited_by=tables.limit_word(plan.chosen),
        headings=tables.headings(),
        rows=tables.rows(plan),
        numbers=tables.all_numbers(plan),
        grounds=tables.grounds(plan),
        drawn=drawn,
        picture=html.inline(drawn),
        min_width=html.min_width(drawn),
        changes=tables.changes(plan),
        inputs=tables.inputs(plan),
        machine=tables.machine(plan),
        long_table=html.LONG_TABLE,
        max_rows=max(html.MAX_ROWS, len(plan.layouts)),  # no store holds the rest
    )


def verdict(plan: Plan) -> str:
    """How the chosen layout stands to the targets."""
    if not plan.targets:
        return "The plan states no targets, so nothing tells what is enough."
    words = {target.key: target.words for target in plan.targets}
    missed, unsure = plan.chosen.missed, plan.chosen.unsure
    doubt = f" It is not sure of {listed(words[key] for key in unsure)}." if unsure else ""
    if missed:
        return f"It misses {listed(words[key] for key in missed)}.{doubt}"
    met = "the target" if len(plan.targets) == 1 else f"all {len(plan.targets)} targets"
    if unsure:
        return f"It meets {met} with the values expected.{doubt}"
    return f"It meets {met}, at the upper end of each {CONFIDENCE} interval too."


def _draws(plan: Plan) -> str:
    return (
        f"{counted(plan.file.draws, 'draw')} of the uncertain inputs, {plan.file.seconds:g} s of"
        f" each simulated, seed {plan.file.seed}"
    )
