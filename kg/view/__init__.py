"""A graph as one HTML page that asks the network for nothing. The only place in kg that knows pyvis.

`page` draws with pyvis' `Network` in a template of our own; vis-network itself comes out of the pyvis package and
goes into the page, whose Content-Security-Policy allows these scripts and nothing else.
"""

from kg.view.page import page, write

__all__ = ["page", "write"]
