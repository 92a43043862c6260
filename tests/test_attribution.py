"""Who says it, and to whom: direct and indirect speech, «secondo», the outlet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg import attribution, coreference, gazetteer
from kg.model import Document

SPOKEN = [
    # text, a stretch of it, speaker, outlet
    ("«Prenderei Carlo Ancelotti», ha detto Fabio Capello.", "Prenderei", "person/fabio-capello", ""),
    ("Fabio Capello ha dichiarato: «Prenderei Carlo Ancelotti».", "Prenderei", "person/fabio-capello", ""),
    ("Fabio Capello: «Prenderei subito Carlo Ancelotti».", "Prenderei", "person/fabio-capello", ""),
    (
        "Fabio Capello ha parlato a Tuttomercatoweb. «Prenderei Carlo Ancelotti», ha detto Capello.",
        "Prenderei",
        "person/fabio-capello",
        "outlet/tuttomercatoweb",
    ),
    ("Secondo Fabio Capello la Roma ha bisogno di Ancelotti.", "bisogno", "person/fabio-capello", ""),
    ("Fabio Capello ha spiegato che la Roma cerca Carlo Ancelotti.", "cerca", "person/fabio-capello", ""),
    ("Secondo Sky Sport la Roma cerca Carlo Ancelotti.", "cerca", "", "outlet/sky-sport"),
    ("La Roma cerca Carlo Ancelotti.", "cerca", "", ""),
    ("Fabio Capello ha visto la «Dea» a Bergamo.", "Dea", "", ""),
]


@pytest.mark.parametrize(("text", "stretch", "speaker", "outlet"), SPOKEN, ids=[row[0] for row in SPOKEN])
def test_words_belong_to_who_says_them(
    text: str, stretch: str, speaker: str, outlet: str, reader: Callable[[str], Document]
) -> None:
    heard = attribution.speakers(coreference.read(reader(text), gazetteer.load()))
    assert heard.at(text.index(stretch)) == (speaker, outlet)


def test_a_quotation_without_a_speaker_goes_on_with_the_last_one(reader: Callable[[str], Document]) -> None:
    text = "«La Roma cambia spesso», dice Fabio Capello. «Prenderei ancora Carlo Ancelotti».\n«E poi venderei Dybala»."
    heard = attribution.speakers(coreference.read(reader(text), gazetteer.load()))
    assert heard.at(text.index("venderei"))[0] == "person/fabio-capello"
