"""One look for every figure: a transport has the same colour and marker wherever it appears."""

import colorsys
import hashlib
from dataclasses import dataclass

from matplotlib.colors import to_hex, to_rgb

from plots.kernel import PREFIX

# Okabe and Ito's palette: told apart with the common kinds of colour blindness, dark enough on white.
_FIXED = {
    "null": ("#6e6e6e", "x"),
    "ringbuf": ("#0072b2", "o"),
    "perfbuf": ("#d55e00", "s"),
    "hybrid": ("#008f68", "^"),
}
# A kernel transport has its model's hue, darker, and a marker of its own.
_KERNEL_MARKERS = {"null": "+", "ringbuf": "D", "perfbuf": "P", "hybrid": "v"}
_KERNEL_DARKER = 0.62
_OTHER_COLOURS = "#a3428f 7a5195 8c6d00 b3265e 2b7a9b 5c6e00 9c4a1a 3f51b5 00796b 7b5e57".replace(
    " ", " #"
).split()
_OTHER_MARKERS = "D v P p h < > * d 8".split()
_DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "-",
    (0, (5, 1.6)),
    (0, (1.2, 1.2)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)),
    (0, (9, 2)),
)

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.labelsize": 9.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "ringbench",
}


@dataclass(frozen=True)
class Look:
    colour: str
    marker: str
    dashes: str | tuple[int, tuple[float, ...]] = "-"


def look(transport: str, variant: int = 0) -> Look:
    """The look of a line; variants of a transport differ by dashes and, after the first, lightness."""
    colour, marker = _FIXED.get(transport) or _of_kernel(transport) or _assigned(transport)
    return Look(_lighter(colour, variant), marker, _DASHES[variant % len(_DASHES)])


def _of_kernel(transport: str) -> tuple[str, str] | None:
    model = transport.removeprefix(PREFIX)
    if model == transport or model not in _KERNEL_MARKERS:
        return None
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(_FIXED[model][0]))
    darker = colorsys.hls_to_rgb(hue, lightness * _KERNEL_DARKER, saturation)
    return to_hex(darker), _KERNEL_MARKERS[model]


def _assigned(transport: str) -> tuple[str, str]:
    # Python's own hash() differs from run to run; a figure's colours must not.
    digest = hashlib.sha256(transport.encode()).digest()
    return (
        _OTHER_COLOURS[digest[0] % len(_OTHER_COLOURS)],
        _OTHER_MARKERS[digest[1] % len(_OTHER_MARKERS)],
    )


def _lighter(colour: str, variant: int) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    lifted = lightness + (0.68 - lightness) * min(variant, 5) / 6.0
    red, green, blue = colorsys.hls_to_rgb(hue, lifted, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
