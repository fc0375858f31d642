"""The text of HTML, in which some programs keep descriptions.

By regular expressions that take linear time: Python's own HTMLParser takes minutes for some texts of a megabyte.
"""

import html
import re

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = ("p", "div", "ul", "ol", "li", "tr", "table", "blockquote", "pre", "hr", *HEADINGS)
STARTS_AS_HTML = re.compile(rf"\s*<(!doctype html|(html|body|br|{'|'.join(BLOCKS)})\b)[^<>]*>", re.IGNORECASE)
# Declarations, and elements whose content nobody sees.
UNSEEN = re.compile(r"<![^<>]*>|<(style|script|title)\b[^<>]*>[^<]*+</\1\s*>", re.IGNORECASE)
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s|/)[^<>]*)?>", re.IGNORECASE)
ADDRESS = re.compile(r"""\shref\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)
CHECKED = re.compile(r"""\sdata-checked\s*=\s*["']?(true|false)""", re.IGNORECASE)
BOXES = {"true": "[x] ", "false": "[ ] "}
STARTS = ("- ", *(f"- {box}" for box in BOXES.values()))


def is_html(text: str) -> bool:
    return bool(STARTS_AS_HTML.match(text))


def text_of(markup: str) -> str:
    """A block on lines of its own, a list item behind a dash, a link with its address."""
    parts: list[str] = []
    address = ""
    end = 0
    markup = UNSEEN.sub("", without_comments(markup))
    for tag in TAG.finditer(markup):
        add_text(parts, markup[end : tag.start()])
        end = tag.end()
        is_end, name, attributes = bool(tag[1]), tag[2].lower(), tag[3] or ""
        if name == "a":
            add_address(parts, address)
            address = "" if is_end else first(ADDRESS, attributes)
        elif name == "br":
            parts.append("\n")
        elif name in BLOCKS:
            break_line(parts)
        if name == "li" and not is_end:
            parts.append(f"- {BOXES.get(first(CHECKED, attributes).lower(), '')}")
    add_text(parts, markup[end:])
    lines = "".join(parts).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(map(str.strip, lines))).strip()


def without_comments(markup: str) -> str:
    start, *others = markup.split("<!--")
    return start + "".join(other.partition("-->")[2] for other in others)


def add_text(parts: list[str], markup: str) -> None:
    text = re.sub(r"\s+", " ", html.unescape(markup))
    if text.strip() or (text and not is_at_line_start(parts)):
        parts.append(text)


def add_address(parts: list[str], address: str) -> None:
    if address and address not in (text := "".join(parts[-1:]).strip(), f"mailto:{text}"):
        parts.append(f" ({address})")


def break_line(parts: list[str]) -> None:
    """The first block in a list item stays behind the dash."""
    if not is_at_line_start(parts):
        parts.append("\n")


def is_at_line_start(parts: list[str]) -> bool:
    return not parts or parts[-1].endswith("\n") or parts[-1] in STARTS


def first(pattern: re.Pattern[str], attributes: str) -> str:
    match = pattern.search(attributes)
    return html.unescape(match[1]) if match else ""
