"""kg reads Italian football news and turns it into a knowledge graph."""

__version__ = "0.1.0"
