"""Draws one picture with the Graphviz inside pygraphviz: Graphviz source on standard input, the picture on standard
output. Run as a script, with no part of archgen at hand: ``engine_child.py FOLDER FORMAT DPI SIDE AREA MEMORY``, or
``engine_child.py --bound MEMORY PROGRAM ARGUMENT...`` for another program that may take so much memory and no more.

The library is called directly rather than through pygraphviz because of two things that its interface does not offer.
Without its Pango plugin Graphviz measures text with widths it knows by heart, and so an SVG neither needs fonts nor
depends on those there are. And of one layout both the size and the picture can be asked, so that a PNG too large is
refused before its pixels take up memory.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES

FAILED, TOO_LARGE, NO_FONT, UNSUITABLE = 1, 11, 12, 13
"""Exit statuses."""


class Stop(Exception):
    """The picture cannot be drawn: an exit status and a line that says why."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


class Symbol(ctypes.Structure):
    """``lt_symlist_t``: an entry of the list of plugins that a Graphviz context is made with."""

    _fields_ = [("name", ctypes.c_char_p), ("address", ctypes.c_void_p)]


class Graphviz:
    """The library behind pygraphviz's extension module."""

    def __init__(self, folder: str) -> None:
        paths = [os.path.join(folder, f"_graphviz{end}") for end in EXTENSION_SUFFIXES]
        try:
            self.library = ctypes.CDLL(next(path for path in paths if os.path.exists(path)))
            self.declare()
        except (StopIteration, OSError, AttributeError) as error:
            raise Stop(UNSUITABLE, str(error)) from None

    def declare(self) -> None:
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        buffer, size = ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_size_t)
        for name, result, taken in (
            ("agmemread", pointer, [text]),
            ("gvContextPlugins", pointer, [pointer, ctypes.c_int]),
            ("gvLayout", ctypes.c_int, [pointer, pointer, text]),
            ("gvRenderData", ctypes.c_int, [pointer, pointer, text, buffer, size]),
        ):
            function = getattr(self.library, name)
            function.restype, function.argtypes = result, taken

    def context(self, *plugins: str) -> int:
        """A context with these plugins and no others."""
        symbols = (Symbol * (len(plugins) + 1))()
        for symbol, plugin in zip(symbols, plugins, strict=False):  # The last symbol stays empty.
            name = f"gvplugin_{plugin}_LTX_library"
            symbol.name = name.encode()
            try:
                symbol.address = ctypes.addressof(ctypes.c_char.in_dll(self.library, name))
            except ValueError as error:
                raise Stop(UNSUITABLE, str(error)) from None
        self.symbols = symbols  # The context keeps pointing at them.
        return int(self.library.gvContextPlugins(ctypes.addressof(symbols), 0))

    def fonts(self) -> int:
        """How many fonts fontconfig finds, -1 where it cannot be asked."""
        try:
            current, fonts = self.library.FcConfigGetCurrent, self.library.FcConfigGetFonts
        except AttributeError:
            return -1
        current.restype, fonts.restype = ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
        fonts.argtypes = [ctypes.c_void_p, ctypes.c_int]
        found = fonts(current(), 0)
        return int(found[0]) if found else 0

    def render(self, context: int, graph: int, format: str) -> bytes:
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        if self.library.gvRenderData(context, graph, format.encode(), ctypes.byref(data), ctypes.byref(size)):
            raise Stop(FAILED, f"cannot draw as {format}")
        return ctypes.string_at(data, size.value) if data.value else b""

    def draw(self, read: Callable[[], bytes], format: str, dots_per_inch: int, side: int, area: int) -> bytes:
        """The picture, at most ``side`` pixels wide and high and ``area`` in all if it is made of pixels.

        Its source is ``read`` when everything else is there: until then the one who writes it may take its time.
        """
        # neato_layout is for a graph with the attribute layout=nop, in which everything has its place.
        plugins = ("core", "dot_layout") if format == "svg" else ("core", "dot_layout", "neato_layout", "pango")
        if format != "svg" and self.fonts() == 0:
            raise Stop(NO_FONT, "no font")
        context = self.context(*plugins)
        graph = self.library.agmemread(read())
        if not graph or self.library.gvLayout(context, graph, b"dot"):
            raise Stop(FAILED, "cannot lay out the graph")
        if format == "png":
            # The first line of the plain format: graph SCALE WIDTH HEIGHT, in inches.
            inches = self.render(context, graph, "plain").split(maxsplit=4)[2:4]
            width, height = (round(float(length) * dots_per_inch) for length in inches)
            if max(width, height) > side or width * height > area:
                raise Stop(TOO_LARGE, f"{width} {height}")
        return self.render(context, graph, format)


def draw_with_pygraphviz(folder: str, source: bytes, format: str) -> bytes:
    """The picture as pygraphviz itself draws it: its text measured with the fonts of the machine."""
    sys.path.insert(0, os.path.dirname(folder))
    try:
        from pygraphviz import AGraph
    except ImportError as error:
        raise Stop(UNSUITABLE, str(error)) from None
    return bytes(AGraph(string=source.decode()).draw(format=format, prog="dot"))


def draw(folder: str, read: Callable[[], bytes], format: str, dots_per_inch: int, side: int, area: int) -> bytes:
    """The picture of what is ``read``, drawn with the library or, where its functions are out of reach (as on Windows),
    with pygraphviz."""
    try:
        return Graphviz(folder).draw(read, format, dots_per_inch, side, area)
    except Stop as stop:
        if stop.status != UNSUITABLE:
            raise
    return draw_with_pygraphviz(folder, read(), format)


def bound(memory: int) -> None:
    """Let this process take so many bytes at most, where the system knows of such a bound."""
    try:
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        allowed = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    except (ImportError, ValueError, OSError):
        pass


def run_bound(memory: str, *command: str) -> int:
    """Be another program, which a bound on memory outlives."""
    bound(int(memory))
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: {command[0]}\n")
        return FAILED


def main(arguments: list[str]) -> int:
    if arguments[0] == "--bound":
        return run_bound(*arguments[1:])
    folder, format, *numbers = arguments
    *limits, memory = (int(number) for number in numbers)
    bound(memory)
    try:
        picture = draw(folder, sys.stdin.buffer.read, format, *limits)
    except Stop as stop:
        sys.stderr.buffer.write(f"{stop}\n".encode())
        return stop.status
    sys.stdout.buffer.write(picture)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
