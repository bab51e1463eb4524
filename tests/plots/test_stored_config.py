"""What is read from the config that a store carries."""

from pathlib import Path

import synthetic

from plots import stored_config
from plots.figure import Request
from plots.figures import lag
from plots.results import load


def test_a_key_that_is_left_out_has_the_default_of_the_document() -> None:
    assert stored_config.number({}, "run", "interval", 0.05) == 0.05
    assert stored_config.number({"config_text": "not = [toml"}, "run", "interval", 0.05) == 0.05
    stated = {"config_text": "[run]\ninterval = 0.2\n[noise]\nlag_p99_us = 40\n"}
    assert stored_config.number(stated, "run", "interval", 0.05) == 0.2
    assert stored_config.lag_limit_ns(stated) == 40_000.0
    assert stored_config.lag_limit_ns({}) == 2_000.0


def test_the_lag_figure_draws_the_limit_of_each_config(tmp_path: Path) -> None:
    stores = [
        synthetic.small_store(tmp_path / "strict"),
        synthetic.small_store(tmp_path / "lax", config_text="[noise]\nlag_p99_us = 40\n"),
    ]
    drawn = lag.draw(load(stores), Request())
    lines = drawn.picture.axes[0].lines
    assert {2_000.0, 40_000.0} <= {float(line.get_ydata()[0]) for line in lines}
    assert "2 µs and 40 µs" in drawn.caption
