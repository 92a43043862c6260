"""Only Italian is read: foreign articles are told, and Italian ones are never taken for foreign."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.language import ITALIAN, OTHER, language

GOLD = Path(__file__).parent / "gold"
ITALIAN_TEXTS = [
    "Roma, Dybala ko",
    "Manchester City-Real Madrid 3-2",
    "Inter, the show must go on: Lautaro is back",
    "Mercato: Chelsea on fire, West Ham in pole for Scamacca",
    "«Es un sueño», Soulé si presenta alla Roma: «No veo la hora de jugar en este estadio con los hinchas»",
    "Juventus: Di Gregorio; Gatti, Bremer, Kalulu; McKennie, Locatelli, Thuram; Yildiz; Vlahovic. All. Tudor",
    "Il tecnico ha parlato a «As»: «No sé si me voy a quedar, el club lo sabe y la afición también». Poi, in"
    " italiano, ha aggiunto che deciderà con la società alla fine della stagione e che non ha sentito nessuno.",
    "",
    "3-2",
]
FOREIGN = {
    "English": [
        "Roma have appointed Claudio Ranieri as their new head coach until the end of the season.",
        "Carlo Ancelotti could return to Serie A next year: a top club is waiting for him. The manager has a contract"
        " until June 2026, but it is not certain that he will stay.",
    ],
    "Spanish": [
        "El futuro de Ancelotti en el Real Madrid está por escribir y, aunque el técnico italiano tiene contrato con"
        " los blancos hasta junio de 2026, no se descarta que pueda dejar Madrid.",
        "La Roma despide a Mourinho y lo sustituye por De Rossi hasta el final de la temporada",
    ],
    "French": ["La Juventus a annoncé le licenciement de son entraîneur après la défaite contre la Fiorentina."],
    "German": ["Der FC Bayern hat den Vertrag mit dem Stürmer um zwei Jahre verlängert."],
    "Portuguese": ["O Benfica confirmou a saída do treinador após a derrota com o Sporting na última jornada."],
    "Dutch": ["Hoewel de Italiaanse trainer nog een contract heeft, is het niet uitgesloten dat hij de club verlaat."],
    OTHER: [
        "Przyszłość Carlo Ancelottiego w Realu Madryt jest niepewna, chociaż włoski trener ma kontrakt z klubem do"
        " czerwca 2026 roku. Hiszpańskie media piszą, że szkoleniowiec może odejść po zakończeniu sezonu, jeśli"
        " drużyna nie zdobędzie żadnego trofeum. Prezes klubu zastanawia się nad jego następcą i prowadzi już rozmowy"
        " z kilkoma kandydatami na to stanowisko.",
        "Viitorul lui Carlo Ancelotti la Real Madrid este incert, iar antrenorul italian are contract cu echipa"
        " spaniolă până în iunie 2026. Presa din Spania scrie că tehnicianul ar putea pleca la finalul sezonului,"
        " dacă nu va câștiga niciun trofeu. Perez se gândește deja la un înlocuitor și ar fi discutat cu mai mulți"
        " antrenori.",
        "Будущее Карло Анчелотти в «Реале» остаётся неясным, контракт до 2026 года.",
        "安切洛蒂在皇家马德里的未来仍不确定，他的合同将于二零二六年六月到期，俱乐部正在寻找新教练。",
    ],
}


@pytest.mark.parametrize("text", ITALIAN_TEXTS)
def test_italian_and_what_shows_too_little_to_tell_is_italian(text: str) -> None:
    assert language(text) == ITALIAN


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FOREIGN.items() for text in texts])
def test_foreign_articles_are_told(name: str, text: str) -> None:
    assert language(text) == name


def test_all_annotated_articles_and_each_of_their_lines_are_italian() -> None:
    files = sorted(GOLD.glob("dev/*.json"))
    assert files
    for file in files:
        article = json.loads(file.read_text(encoding="utf-8"))
        for line in (article["text"], article["title"], *article["text"].split("\n")):
            assert language(line) == ITALIAN, f"{file.name}: {line}"
