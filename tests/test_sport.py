"""Another sport is not football, whatever the name of the club."""

from __future__ import annotations

import pytest

from kg.sport import is_about_football


@pytest.mark.parametrize(
    "text",
    [
        "La Roma batte la Lazio con un gol di Dybala.",
        "Ufficiale: Scamacca all'Atalanta.",
        "Spalletti ct della Nazionale; per lui un contratto fino al Mondiale.",
        "L'ultima tappa del mercato porta il centravanti a Bologna, tecnico felice.",
    ],
)
def test_football_is_read(text: str) -> None:
    assert is_about_football(text)


@pytest.mark.parametrize(
    "text",
    [
        "Volley, Perugia perde il quarto set: venti muri di Trento e uno schiacciatore in serata.",
        "Il basket a Bologna: canestri e parquet, la Virtus vola in Eurolega.",
        "La tappa più dura: gregari staccati, la cronometro di domani decide. Battuto anche lo scalatore.",
    ],
)
def test_other_sports_are_not(text: str) -> None:
    assert not is_about_football(text)
