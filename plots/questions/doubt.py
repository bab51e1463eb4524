"""What an answer has to say of the trials it rests on."""

from collections.abc import Iterable

from plots.kernel.samples import Samples
from plots.wording import counted


def of_cells(samples: Samples, keys: Iterable[str]) -> tuple[str, ...]:
    """A sentence where cells behind the answer have no undisturbed trial."""
    asked = list(keys)
    tainted = sum(samples.tainted(key) for key in asked)
    if not tainted:
        return ()
    return (
        f"Doubtful: of {counted(tainted, 'cell')} of the {len(asked)} behind this answer every trial was"
        " tainted (see How far to trust this).",
    )
