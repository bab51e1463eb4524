"""Cells are dealt to the panels whose values they have."""

import pandas as pd

from plots.panels import deal


def test_a_cell_without_the_parameter_is_in_every_panel() -> None:
    cells = pd.DataFrame({"cpus_per_ring": pd.Series([4, None, 8, 4], dtype=object)})
    panels = deal(cells, ["cpus_per_ring"], [(4,), (8,), (None,)])
    assert [list(panel.index) for panel in panels] == [[0, 1, 3], [1, 2], [0, 1, 2, 3]]
