"""Origins, as browsers and apps send them."""

import re

from todo_project.environment.addresses import HIGHEST_PORT
from todo_project.environment.readers import items, refuse, text

DEFAULT_PORTS = {"http": 80, "https": 443}
ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[A-Za-z0-9_.-]+|\[[0-9a-fA-F:.]+\])(?::([0-9]{1,5}))?")
# Nothing has an origin with one of these. A page that is a file sends null.
NO_ORIGINS = {"about", "blob", "data", "file", "ftp", "javascript", "ws", "wss"}
WANTS = "origins without a path, such as https://app.example.com"
NULL = "cannot list null, which any page can send: give the app's pages an origin, such as app://localhost"


def of_pages(name: str) -> list[str]:
    return [as_sent(value) for value in items(name, "", is_of_page, WANTS)]


def of_pages_and_apps(name: str) -> list[str]:
    """Pages of Capacitor, Ionic, Tauri and Electron, and of browsers' extensions, come by a scheme of their own."""
    if any(value.strip().lower() == "null" for value in text(name).split(",")):
        refuse(name, NULL)
    return [as_sent(value) for value in items(name, "", lambda value: is_of_page(value) or is_of_app(value), WANTS)]


def is_of_page(value: str) -> bool:
    return scheme_of(value) in DEFAULT_PORTS


def is_of_app(value: str) -> bool:
    scheme = scheme_of(value)
    # A scheme of no other letters than https is a slip, as in htpps.
    return bool(scheme) and scheme not in NO_ORIGINS and not set(scheme) <= set("https")


def scheme_of(value: str) -> str:
    """Its scheme in lower case, or nothing where it is no origin."""
    match = ORIGIN.fullmatch(value)
    return match[1].lower() if match and int(match[2] or 0) <= HIGHEST_PORT else ""


def as_sent(origin: str) -> str:
    """In lower case and without the scheme's default port. Of other schemes than http and https, the host stays."""
    scheme, _, host = origin.partition("://")
    if port := DEFAULT_PORTS.get(scheme.lower()):
        host = host.lower().removesuffix(f":{port}")
    return f"{scheme.lower()}://{host}"
