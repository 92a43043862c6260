"""A graph as one HTML page that asks the network for nothing. The only place in kg that knows pyvis.

`page` draws with pyvis' `Network` in a template of our own; vis-network itself comes out of the pyvis package and
goes into the page, whose Content-Security-Policy allows these scripts and nothing else. `write`
puts the page into a file, `html` into a frame for a notebook's output; `frame` does that to a page that is there.
"""

from kg.view.page import frame, html, page, write

__all__ = ["frame", "html", "page", "write"]
