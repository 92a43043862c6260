"""Whether a text is Italian: told from its function words, with no model and no download.

Languages have few function words and cannot write a sentence without them, while names, headlines and
line-ups have hardly any. So a text is called foreign only where it shows function words of another
language, many more than Italian ones; what shows too few to tell (short headlines, lists of players) is
taken for Italian. Words that begin with a capital do not count: they may be names, and German nouns.
"""

from __future__ import annotations

import re

ITALIAN = "Italian"
OTHER = "another language"

_FEW, _CLEARLY_MORE = 5, 2.0
"""Function words of another language that must be seen, and how many for each Italian one."""
_LONG, _HARDLY_ANY = 40, 0.25
"""Lower-case words of a text that may be in an unknown language, and the share of Italian ones it stays below."""
_LETTERS, _LATIN = 20, 0.5
"""Letters of a text that may be in another script, and the share of Latin ones it stays below."""

_WORD = re.compile(r"[^\W\d_]+")
_LATIN_LETTER = re.compile("[A-Za-zÀ-ɏ]")

_PROFILES = {
    ITALIAN: """
        a abbia abbiamo ad agli ai al alla alle allo allora altre altri altro anche ancora anni anno appena avere
        aveva avevano avrebbe avuto avrà c che chi ci ciò coi col come con contro così cui d da dagli dai dal dalla
        dalle dallo davanti degli dei del dell della delle dello dentro di dietro dopo dove due durante e ecco ed
        era erano essere fa fare fatto fino fra già gli grazie ha hanno ho i il in infatti intanto invece io l la
        lasciato le lei li lo loro lui ma mai me meglio meno mentre mi molto ne nei nel nell nella nelle nello
        nessun nessuno niente noi non nonostante nuovo o oggi ogni oltre ora ovvero per perché perchè però più poco
        poi prima primo proprio può qualche quale quali quando quanto quasi quegli quel quella quelle quelli quello
        questa queste questi questo qui quindi resta s sarebbe sarà se secondo sei sembra sempre senza si sia siano
        sin sino solo sono sopra sotto sta stata state stati stato stesso su sua subito sugli sui sul sull sulla
        sulle sullo suo suoi tanto te ti tra tre troppo tu tutta tutte tutti tutto un una uno va verrà verso vi via
        viene voi è""",
    "English": """
        a about after again all also am an and any are as at be because been before being but by can could did do
        does during for from had has have he her here him his how i if in into is it its just last like may me
        more most my no not now of off on one only or other our out over said she should since so some such than
        that the their them then there these they this those through to under until up us was we were what when
        where which while who will with would you your""",
    "Spanish": """
        a al algo ante antes aunque bajo bien cada como con contra cuando de del desde donde dos durante el ella
        ellos en entre era es esa ese eso esta está estaba están este esto fue fueron ha hace hacia han hasta hay
        la las le les lo los luego mejor mi mientras mucho muy más me nada ni no nos o otra otro para pero poco por
        porque pues que quien qué se sea según ser si sido sin sobre son su sus también tan tanto te tiene tienen
        todo todos tras tu tú un una uno unos y ya él""",
    "French": """
        a ai ainsi alors après au aussi autre aux avait avant avec avoir c car ce cela celui ces cet cette chez ce
        comme contre d dans de depuis des deux donc du elle elles en encore entre est et eux fait fois il ils j je
        jusqu l la le les leur leurs lors lui m ma mais me moins même n ne nos notre nous on ont ou où par pas pendant
        peu peut plus pour qu quand que qui quoi s sa sans se selon sera ses si son sont sous sur tout tous très
        trop un une vers vous à ça était été être""",
    "German": """
        ab aber als am an auch auf aus bei beim bis da dann das dass dem den der des die doch durch ein eine einem
        einen einer eines er es für gegen habe haben hat hatte ich ihm ihn ihr ihre im immer in ist ja kann kein
        keine mehr mit nach nicht noch nun nur ob oder ohne schon sein seine seinem seinen sei sich sie sind so
        soll sondern um und uns unter vom von vor war waren was wegen wenn werden wie will wird wurde wurden zu zum
        zur zwischen über""",
    "Portuguese": """
        a ainda ao aos apenas após as até com como contra da das de dele depois desde do dos e ela ele eles em
        entre era essa esse esta este está eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito na
        nas nem no nos não não nós o onde os ou para pela pelas pelo pelos por porque quando que quem se segundo
        sem ser seu seus seu sobre sua suas só são também tem tinha toda todos três um uma é às""",
    "Dutch": """
        aan af al als bij dan dat de deze die dit door een en er ze zijn zo geen had hebben heeft het hij hoe hun
        in is ja je kan maar meer met na naar niet nog nu of om onder ook op over te tegen tot uit van veel voor
        waar was wat we werd wie wil worden wordt zal zich zou""",
}
_WORDS = {language: frozenset(words.split()) for language, words in _PROFILES.items()}


def language(text: str) -> str:
    """The English name of the text's language: `Italian` where in doubt, `another language` if it has no profile."""
    letters = _WORD.findall(text)
    count = sum(map(len, letters))
    if count >= _LETTERS and len(_LATIN_LETTER.findall(text)) < _LATIN * count:
        return OTHER
    words = [word for word in letters if word[0].islower()]
    seen = {name: sum(word in profile for word in words) for name, profile in _WORDS.items()}
    best = max(_WORDS, key=lambda name: seen[name])
    if best != ITALIAN and seen[best] >= _FEW and seen[best] >= _CLEARLY_MORE * seen[ITALIAN]:
        return best
    if len(words) >= _LONG and seen[ITALIAN] < _HARDLY_ANY * len(words):
        return OTHER
    return ITALIAN
