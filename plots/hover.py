"""Words that show when the pointer rests on a mark: SVG's <title> (SVG 1.1, section 5.4)."""

import re
from collections.abc import Sequence
from html import escape
from xml.etree import ElementTree

from matplotlib.artist import Artist
from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def explain(marks: Artist, words: Sequence[str]) -> None:
    """`marks`: one collection with as many marks as there are words."""
    marks.hover_words = list(words)


def name_marks(picture: Figure) -> dict[str, list[str]]:
    """Gives each explained collection an id that its SVG will carry; id to the words of its marks."""
    found = picture.findobj(lambda artist: hasattr(artist, "hover_words"))
    named = {}
    for number, artist in enumerate(found):
        artist.set_gid(f"marks-{number}")
        named[f"marks-{number}"] = artist.hover_words
    return named


def inline(svg: bytes, name: str, words: dict[str, list[str]], label: str) -> str:
    """An <svg> element for an HTML page: ids start with `name`, so that two figures cannot clash."""
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(svg)
    for group in root.iter(f"{{{_SVG}}}g"):
        if group.get("id") in words:
            _add_titles(group, words[str(group.get("id"))])
    for image in root.iter(f"{{{_SVG}}}image"):
        image.attrib.pop("id", None)  # made from its content: twice the same where panels are equal
    for element in root.iter():
        _prefix(element, f"{name}-")
    for clutter in [*root.findall(f"{{{_SVG}}}metadata"), *_global_styles(root)]:
        root.remove(clutter)
    root.set("role", "img")
    root.set("aria-label", label)
    root.attrib.pop("width")
    root.attrib.pop("height")
    return ElementTree.tostring(root, encoding="unicode")


def _add_titles(group: ElementTree.Element, words: Sequence[str]) -> None:
    parts = [part for part in group if part.tag != f"{{{_SVG}}}defs"]
    shapes = {f"{{{_SVG}}}use", f"{{{_SVG}}}path"}
    marks = [e for part in parts for e in part.iter() if e.tag in shapes]
    # A mark that could not be placed is not in the file; words at the wrong mark would be worse than none.
    if len(marks) != len(words):
        return
    for mark, text in zip(marks, words):
        ElementTree.SubElement(mark, f"{{{_SVG}}}title").text = text
        mark.set("pointer-events", "all")


def _prefix(element: ElementTree.Element, prefix: str) -> None:
    for key, value in element.attrib.items():
        if key == "id":
            element.set(key, prefix + value)
        elif key.endswith("href") and value.startswith("#"):
            element.set(key, "#" + prefix + value[1:])
        elif "url(#" in value:
            element.set(key, _REFERENCE.sub(rf"url(#{prefix}\1)", value))


def _global_styles(root: ElementTree.Element) -> list[ElementTree.Element]:
    """matplotlib's <defs> whose style would apply to the whole page; the page has the same for svg."""
    return [d for d in root.findall(f"{{{_SVG}}}defs") if d.find(f"{{{_SVG}}}style") is not None]
