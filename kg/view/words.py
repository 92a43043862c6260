"""The words of the page in English and Italian: for the terms of the ontology, and for its own buttons."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "it")
"""The languages of the page; every pair of words below is in this order."""

Pair = tuple[str, str]
"""The same words in English and in Italian."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How a predicate reads from its subject and from its object, and the family that gives its colour."""

    active: Pair
    passive: Pair
    family: str


RELATIONS = {
    "coaches": Relation(("coaches", "allena"), ("coached by", "allenata da"), "role"),
    "playsFor": Relation(("plays for", "gioca per"), ("has as player", "ha come giocatore"), "role"),
    "presidentOf": Relation(("is president of", "è presidente di"), ("has as president", "ha come presidente"), "role"),
    "ownerOf": Relation(("owns", "possiede"), ("owned by", "di proprietà di"), "role"),
    "executiveOf": Relation(("is executive of", "è dirigente di"), ("has as executive", "ha come dirigente"), "role"),
    "agentOf": Relation(("is agent of", "è agente di"), ("has as agent", "ha come agente"), "role"),
    "candidateFor": Relation(
        ("is candidate for", "è candidato per"), ("has as candidate", "ha come candidato"), "market"
    ),
    "targets": Relation(("targets", "vuole"), ("targeted by", "nel mirino di"), "market"),
    "joins": Relation(("joins", "passa a"), ("joined by", "prende"), "market"),
    "leaves": Relation(("leaves", "lascia"), ("left by", "lasciata da"), "market"),
    "renewsWith": Relation(("renews with", "rinnova con"), ("renewed with by", "rinnova il contratto di"), "market"),
    "contractUntil": Relation(
        ("has contract until", "ha un contratto fino a"), ("is end of contract of", "fine del contratto di"), "market"
    ),
    "endorses": Relation(("endorses", "sostiene"), ("endorsed by", "sostenuto da"), "opinion"),
    "criticises": Relation(("criticises", "critica"), ("criticised by", "criticato da"), "opinion"),
    "playedMatch": Relation(("played", "ha giocato contro"), ("played against by", "affrontata da"), "result"),
    "competesIn": Relation(("competes in", "partecipa a"), ("has as competitor", "ha come partecipante"), "result"),
    "won": Relation(("won", "ha vinto"), ("won by", "vinta da"), "result"),
    "injured": Relation(("is injured", "è infortunato"), ("injury of", "infortunio di"), "other"),
    "nationality": Relation(("has nationality", "è di nazionalità"), ("nationality of", "nazionalità di"), "other"),
}

FAMILIES: dict[str, Pair] = {
    "role": ("Roles", "Ruoli"),
    "market": ("Transfers and benches", "Mercato e panchine"),
    "opinion": ("Opinions", "Opinioni"),
    "result": ("Results", "Risultati"),
    "other": ("Other", "Altro"),
}

CLASSES: dict[str, Pair] = {
    "Person": ("Person", "Persona"),
    "Club": ("Club", "Club"),
    "NationalTeam": ("National team", "Nazionale"),
    "Competition": ("Competition", "Competizione"),
    "Federation": ("Federation", "Federazione"),
    "Country": ("Country", "Paese"),
    "City": ("City", "Città"),
    "Venue": ("Venue", "Stadio"),
    "Outlet": ("Outlet", "Testata"),
    "Match": ("Match", "Partita"),
    "Thing": ("Other", "Altro"),
}

ROLES: dict[str, Pair] = {
    "Player": ("player", "calciatore"),
    "Coach": ("coach", "allenatore"),
    "Pundit": ("pundit", "opinionista"),
    "Executive": ("executive", "dirigente"),
    "Agent": ("agent", "agente"),
    "Referee": ("referee", "arbitro"),
}

SHAPES = {
    "Person": "dot",
    "Club": "square",
    "NationalTeam": "triangle",
    "Competition": "star",
    "Federation": "hexagon",
    "Country": "diamond",
    "City": "diamond",
    "Venue": "triangleDown",
    "Outlet": "hexagon",
    "Match": "dot",
    "Thing": "dot",
}
"""Shapes of vis-network; two classes of one shape differ in colour."""

MODALITIES: dict[str, Pair] = {
    "Asserted": ("fact", "fatto"),
    "Possible": ("rumour", "voce"),
    "Denied": ("denial", "smentita"),
}
TENSES: dict[str, Pair] = {
    "Past": ("past", "passato"),
    "Present": ("present", "presente"),
    "Future": ("future", "futuro"),
}
QUALIFIERS: dict[str, Pair] = {
    "forTeam": ("for team", "per la squadra"),
    "score": ("score", "risultato"),
    "shootout": ("on penalties", "ai rigori"),
    "inCompetition": ("competition", "competizione"),
    "onLoan": ("on loan", "in prestito"),
}

MEASURES: dict[str, Pair] = {
    "connections": ("connections", "collegamenti"),
    "bridges": ("bridges between others", "ponti tra gli altri"),
    "standing": ("standing (PageRank)", "peso (PageRank)"),
}
"""What the size of a shape may say."""

UI: dict[str, Pair] = {
    "skip": ("Skip the drawing", "Salta il disegno"),
    "search": ("Search people, clubs, aliases …", "Cerca persone, club, soprannomi …"),
    "searchLabel": ("Search entities", "Cerca tra le entità"),
    "found": ("Entities found", "Entità trovate"),
    "nobody": ("Nobody and nothing of that name", "Nessuno e niente con questo nome"),
    "fit": ("Fit", "Adatta"),
    "fitTitle": ("Show the whole drawing", "Mostra tutto il disegno"),
    "names": ("Edge names", "Nomi sulle linee"),
    "namesTitle": ("Write relations on the edges", "Scrivi le relazioni sulle linee"),
    "theme": ("Theme", "Tema"),
    "themeTitle": ("Light or dark", "Chiaro o scuro"),
    "language": ("Italiano", "English"),
    "languageTitle": ("Passa all'italiano", "Switch to English"),
    "save": ("Save as", "Salva come"),
    "pngTitle": ("Save the drawing as a picture", "Salva il disegno come immagine"),
    "svgTitle": (
        "Save the drawing as a picture that can be enlarged",
        "Salva il disegno come immagine ingrandibile",
    ),
    "ttlTitle": ("Save the claims shown as RDF (Turtle)", "Salva le affermazioni mostrate come RDF (Turtle)"),
    "csvTitle": ("Save the claims shown as a table", "Salva le affermazioni mostrate come tabella"),
    "drawing": ("Drawing of the graph", "Disegno del grafo"),
    "canvas": (
        "Graph. Arrow keys move it, plus and minus zoom, N and P step through the neighbours, Enter opens the details. "
        "The tab Claims holds the same data as text.",
        "Grafo. Le frecce lo spostano, più e meno ingrandiscono, N e P scorrono i vicini, Invio apre i dettagli. "
        "La scheda Affermazioni contiene gli stessi dati come testo.",
    ),
    "empty": ("This graph has no claims yet.", "Questo grafo non contiene ancora affermazioni."),
    "emptyHow": ("Build it from articles that make some:", "Costruiscilo da articoli che ne facciano:"),
    "panel": ("Details, legend and claims", "Dettagli, legenda e affermazioni"),
    "legend": ("Legend", "Legenda"),
    "details": ("Details", "Dettagli"),
    "claims": ("Claims", "Affermazioni"),
    "who": ("Who and what", "Chi e che cosa"),
    "sure": ("How sure", "Quanto è certo"),
    "when": ("When", "Quando"),
    "limits": ("Limits", "Limiti"),
    "look": ("Look", "Aspetto"),
    "sizeBy": ("size says", "la grandezza dice"),
    "colourBy": ("colour says", "il colore dice"),
    "kind": ("kind", "il tipo"),
    "community": ("community", "la comunità"),
    "communities": ("Communities", "Comunità"),
    "around": ("around", "attorno a"),
    "otherCommunities": ("all smaller ones", "tutte le più piccole"),
    "allNone": ("all / none", "tutti / nessuno"),
    "confidence": ("confidence", "confidenza"),
    "from": ("from", "dal"),
    "to": ("to", "al"),
    "thick": (
        "The thicker a line, the more independent sources say so. Paler is past.",
        "Più spessa è una linea, più fonti indipendenti lo dicono. Più chiaro è passato.",
    ),
    "everything": ("Show everything", "Mostra tutto"),
    "all": ("Show all", "Mostra tutto"),
    "neighbours": ("Only neighbours", "Solo i vicini"),
    "steps": ("{0} steps", "{0} passi"),
    "pathTo": ("Path to …", "Percorso fino a …"),
    "pathFrom": ("Path from {0} to", "Percorso da {0} a"),
    "path": ("Path from {0} to {1}: {2}", "Percorso da {0} a {1}: {2}"),
    "pathTitle": ("From one to another", "Dall'uno all'altro"),
    "pathStart": ("From …", "Da …"),
    "noPath": (
        "No path between {0} and {1} under these filters.",
        "Nessun percorso tra {0} e {1} con questi filtri.",
    ),
    "within": ("{0} and what is within {1}", "{0} e ciò che sta entro {1}"),
    "also": ("also", "anche"),
    "saidBy": ("said by", "detto da"),
    "reportedIn": ("reported in", "riportato in"),
    "firstIn": ("first in", "prima in"),
    "readBy": ("read by", "letto da"),
    "contradicts": ("Said otherwise in the same article", "Il contrario, nello stesso articolo"),
    "yes": ("yes", "sì"),
    "no": ("no", "no"),
    "noEvidence": ("No evidence is recorded for this claim.", "Nessuna frase è registrata per questa affermazione."),
    "nothingHere": (
        "Nothing is claimed here under these filters.",
        "Con questi filtri qui non c'è nessuna affermazione.",
    ),
    "heldBack": ("Hidden by the filters: {0}.", "Nascoste dai filtri: {0}."),
    "howTo": (
        "Click a line to read its claim with the sentences it rests on; click a shape to see who or what it is.",
        "Clicca una linea per leggere l'affermazione e le frasi su cui poggia; clicca una figura per sapere chi è.",
    ),
    "colWho": ("Who", "Chi"),
    "colClaim": ("Claim", "Affermazione"),
    "colWhom": ("Whom", "A chi"),
    "colSure": ("Sure", "Certezza"),
    "colWhen": ("When", "Quando"),
    "subject": ("subject", "soggetto"),
    "object": ("object", "oggetto"),
    "more": ("Show {0} more", "Mostra altre {0}"),
    "of": ("{0} of {1}", "{0} di {1}"),
    "drawn": ("drawn", "disegnate"),
}
"""Words of the page itself; `{0}` is filled by the page."""

COUNTED: dict[str, tuple[Pair, Pair]] = {
    "entity": (("entity", "entities"), ("entità", "entità")),
    "claim": (("claim", "claims"), ("affermazione", "affermazioni")),
    "article": (("article", "articles"), ("articolo", "articoli")),
    "source": (("independent source", "independent sources"), ("fonte indipendente", "fonti indipendenti")),
    "sentence": (("sentence", "sentences"), ("frase", "frasi")),
    "step": (("step", "steps"), ("passo", "passi")),
}
"""Words with a number before them: one and many, in each language."""


def relation(predicate: str) -> Relation:
    """The words of a predicate; one that the page does not know reads as it is written."""
    unknown = Relation((predicate, predicate), (f"{predicate} (from)", f"{predicate} (da)"), "other")
    return RELATIONS.get(predicate, unknown)
