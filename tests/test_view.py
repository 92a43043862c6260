"""The page: what lies in the file, and what a browser makes of it."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import combinations
from math import dist
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from desk import Story
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import PROV, SDO, SKOS
from test_network import two_dressing_rooms

from kg import view
from kg.claims import SIGNATURES
from kg.errors import GraphError
from kg.network import Part
from kg.statements import graph_of
from kg.view import text, words
from kg.view.layout import Box, arrange

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

FB = Namespace("https://w3id.org/football-kg/ontology#")
ID = "https://w3id.org/football-kg/id/"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

ATTACK = "</script><script>window.owned=1</script><img src=x onerror='window.owned=1'>\"&quot;\u2028\u202eoiggam"


class Newsroom:
    """Builds small graphs in the shape of kg's, one claim at a time."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.count = 0

    def entity(self, path: str, kind: str, name: str, *aliases: str, qid: str = "") -> URIRef:
        iri = URIRef(ID + path)
        self.graph.add((iri, RDF.type, FB[kind]))
        self.graph.add((iri, RDFS.label, Literal(name)))
        for alias in aliases:
            self.graph.add((iri, SKOS.altLabel, Literal(alias)))
        if qid:
            self.graph.add((iri, SKOS.exactMatch, URIRef(f"http://www.wikidata.org/entity/{qid}")))
        return iri

    def claim(
        self,
        subject: URIRef,
        predicate: str,
        value: URIRef | Literal,
        modality: str = "Asserted",
        tense: str = "Present",
    ) -> URIRef:
        self.count += 1
        iri = URIRef(f"{ID}statement/{self.count:04}")
        rows = ((RDF.subject, subject), (RDF.predicate, FB[predicate]), (RDF.object, value), (RDF.type, RDF.Statement))
        named = ((FB.modality, FB[modality]), (FB.tense, FB[tense]), (FB.confidence, Literal(0.875)))
        for term, node in (*rows, *named):
            self.graph.add((iri, term, node))
        return iri

    def evidence(
        self,
        claim: URIRef,
        sentence: str,
        subject: str,
        value: str,
        headline: str = "Il Real vola",
        url: str = "https://example.org/real",
        date: str = "2025-03-31",
    ) -> None:
        self.count += 1
        piece, article = URIRef(f"{ID}evidence/{self.count:04}"), URIRef(f"{ID}article/{date}")
        self.graph.add((claim, PROV.wasDerivedFrom, piece))
        self.graph.add((piece, FB.article, article))
        self.graph.add((piece, FB.sentence, Literal(sentence)))
        start = 40
        numbers = {"sentenceStart": start, "sentenceEnd": start + len(sentence)}
        for role, argument in (("subject", subject), ("object", value)):
            if argument:
                at = start + sentence.index(argument)
                numbers |= {f"{role}Start": at, f"{role}End": at + len(argument)}
        for name, number in numbers.items():
            self.graph.add((piece, FB[name], Literal(number)))
        self.graph.add((article, SDO.headline, Literal(headline)))
        self.graph.add((article, SDO.url, Literal(url)))
        self.graph.add((article, SDO.datePublished, Literal(date)))


def benches() -> Graph:
    """Ancelotti coaches Real and, they deny, will not go to Roma; Allegri is linked with Roma and Milan."""
    room = Newsroom()
    carlo = room.entity("person/carlo-ancelotti", "Person", "Carlo Ancelotti", "Carletto", qid="Q174113")
    room.graph.add((carlo, RDF.type, FB.Coach))
    max_ = room.entity("person/massimiliano-allegri", "Person", "Massimiliano Allegri")
    guler = room.entity("person/arda-guler", "Person", "Arda Güler")
    real = room.entity("club/real-madrid", "Club", "Real Madrid", "Blancos")
    roma = room.entity("club/roma", "Club", "Roma")
    milan = room.entity("club/milan", "Club", "Milan")
    marca = room.entity("outlet/marca", "Outlet", "Marca")
    coaches = room.claim(carlo, "coaches", real)
    room.evidence(coaches, "😀 Il tecnico Carlo Ancelotti guida il Real Madrid.", "Carlo Ancelotti", "Real Madrid")
    room.evidence(
        coaches, "Ancelotti è l'allenatore dei Blancos.", "Ancelotti", "Blancos", "Panchine", date="2025-01-05"
    )
    room.graph.add((coaches, FB.reportedIn, marca))
    denied = room.claim(carlo, "candidateFor", roma, "Denied")
    room.graph.add((denied, FB.attributedTo, max_))
    room.evidence(denied, "La Roma non ha pensato ad Ancelotti.", "Ancelotti", "Roma")
    room.claim(max_, "candidateFor", roma, "Possible")
    room.claim(max_, "coaches", milan, tense="Past")
    room.claim(guler, "playsFor", real)
    room.claim(guler, "injured", FB.Injury)
    room.claim(carlo, "contractUntil", Literal("2026-06"))
    return room.graph


def hostile() -> Graph:
    room = Newsroom()
    person = room.entity("person/_x", "Person", ATTACK, ATTACK + "2")
    club = room.entity("club/_y", "Club", "Roma")
    claim = room.claim(person, "coaches", club)
    room.evidence(claim, f"{ATTACK} allena la Roma", ATTACK, "Roma", headline=ATTACK, url="javascript:window.owned=1")
    other = room.claim(person, "leaves", club)
    room.evidence(other, "Lascia", "", "", headline="data", url="data:text/html,<script>window.owned=1</script>")
    return room.graph


def dressing_rooms() -> Graph:
    return Graph().parse(data=two_dressing_rooms(), format="turtle")


# Text of less contrast with its ground than 4.5 to 1, or 3 to 1 where it is large.
LOW_CONTRAST = """() => {
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const part = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const ground = (node) => { for (let at = node; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour.length < 4 || colour[3] > 0) return colour; }
        return [255, 255, 255]; };
    const found = [];
    for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || !node.offsetParent || node.closest("noscript, script, .skip, [hidden]")) continue;
        const style = getComputedStyle(node);
        const [a, b] = [light(parse(style.color)), light(ground(node))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) found.push([node.outerHTML.slice(0, 120), ratio]);
    }
    return found;
}"""


class Reader(HTMLParser):
    """What a browser would see: tags with their attributes, and the text of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script" and self.scripts:
            self.scripts[-1] += data


def content(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


# The file ------------------------------------------------------------------------------------------------


def test_nothing_in_the_page_points_outside() -> None:
    for tag, attributes in Reader(view.page(benches())).tags:
        assert "src" not in attributes, tag
        assert attributes.get("href", "#").startswith(("#", "data:,")), tag
        assert not any(name.startswith("on") for name in attributes), tag
    style = re.search(r"<style>(.*?)</style>", view.page(benches()), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_policy_allows_our_scripts_by_hash_and_nothing_else() -> None:
    policy = next(a["content"] for t, a in Reader(view.page(benches())).tags if t == "meta" and "http-equiv" in a)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]+' 'sha256-[\w+/=]+'", rules["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/=]+'", rules["style-src"])
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_same_graph_gives_the_same_bytes() -> None:
    shuffled = Graph()
    for triple in sorted(benches(), reverse=True):
        shuffled.add(triple)
    assert view.page(benches()) == view.page(shuffled)


def test_every_statement_is_in_the_page() -> None:
    graph = benches()
    data = content(view.page(graph))
    statements = {data["base"] + row["iri"] for row in data["statements"]}
    assert statements == {str(iri) for iri in graph.subjects(RDF.type, RDF.Statement)}
    objects = [row["o"] for row in data["statements"]]
    assert "2026-06" in objects
    assert "Injury" in objects


def test_marks_count_as_the_browser_does() -> None:
    data = content(view.page(benches()))
    piece = next(row for row in data["statements"] if len(row.get("evidence", ())) == 2)["evidence"][1]
    units = data["sentences"][piece["sentence"]].encode("utf-16-le")
    first, last = piece["subject"]
    assert units[2 * first : 2 * last].decode("utf-16-le") == "Carlo Ancelotti"


def test_hostile_text_adds_no_tag() -> None:
    tags = [tag for tag, _ in Reader(view.page(benches(), title="Calcio")).tags]
    assert [tag for tag, _ in Reader(view.page(hostile(), title=ATTACK)).tags] == tags


def test_only_web_addresses_become_links() -> None:
    assert not any("url" in article for article in content(view.page(hostile()))["articles"])
    assert text.link("https://example.org/a?b=c") == "https://example.org/a?b=c"
    assert text.link("JavaScript:alert(1)") == ""
    assert text.link("//example.org") == ""
    assert text.link("http://[broken") == ""


def test_text_that_turns_its_neighbours_round_is_tamed_and_keeps_its_length() -> None:
    raw = "Roma\u202e amoR\u2028\x00\ud800"
    assert text.tame(raw) == "Roma\ufffd amoR\ufffd\ufffd\ufffd"
    assert text.label(raw) == "Roma amoR"
    assert text.label("\u202e") == "?"


def test_a_long_name_is_broken_and_cut_only_in_the_drawing() -> None:
    assert text.lines("Carlo Ancelotti") == "Carlo\nAncelotti"
    assert text.lines("Associazione Sportiva Roma Calcio").count("\n") == 1
    assert text.lines("Associazione Sportiva Roma Calcio").endswith("…")


def test_an_empty_graph_gives_a_page() -> None:
    page = view.page(Graph())
    assert "This graph has no claims yet." in page
    assert content(page)["statements"] == []


def part(*groups: dict[str, tuple[float, float]]) -> Part:
    return Part(groups, tuple((float(number), 0.0) for number in range(len(groups))))


def test_groups_of_one_part_lie_apart_and_face_each_other() -> None:
    one, other = {"a": (-1.5, 0.0), "b": (1.5, 0.0)}, {"c": (-1.5, 0.0), "d": (1.5, 0.0)}
    boxes = {name: Box(10, 10, 10) for name in "abcd"}
    places = arrange([part(one, other)], boxes, [("a", "d")])
    spans = [[sorted(places[node][axis] for node in group) for group in ("ab", "cd")] for axis in (0, 1)]
    assert any(first[1] + 20 < second[0] or second[1] + 20 < first[0] for first, second in spans)
    far = {(x, y): dist(places[x], places[y]) for x in "ab" for y in "cd"}
    assert min(far, key=far.__getitem__) == ("a", "d")


def test_boxes_do_not_overlap_at_rest() -> None:
    names = [f"n{n}" for n in range(40)]
    boxes = {name: Box(45, 12, 50) for name in names}
    crowded = {name: (n % 3 / 10, n % 5 / 10) for n, name in enumerate(names)}
    places = arrange([part(crowded), part({"alone": (0.0, 0.0)})], boxes | {"alone": Box(20, 10, 20)})
    for one in names:
        for other in names:
            if one < other:
                (x, y), (a, b) = places[one], places[other]
                assert abs(x - a) >= 89 or abs(y - b) >= 61, (one, other)


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "new" / "graph.html"
    view.write(benches(), target)
    assert target.read_bytes() == view.page(benches()).encode("utf-8")
    assert [path.name for path in target.parent.iterdir()] == ["graph.html"]
    (tmp_path / "taken").mkdir()
    with pytest.raises(GraphError, match="taken: cannot be written"):
        view.write(benches(), tmp_path / "taken")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "taken"]


def test_every_word_is_there_in_both_languages() -> None:
    tables = (words.FAMILIES, words.CLASSES, words.ROLES, words.MODALITIES, words.TENSES, words.QUALIFIERS, words.UI)
    pairs = [pair for table in (*tables, words.MEASURES) for pair in table.values()]
    pairs += [pair for one in words.RELATIONS.values() for pair in (one.active, one.passive)]
    assert all(len(pair) == len(words.LANGUAGES) and all(pair) for pair in pairs)
    assert all(english.count("{") == italian.count("{") for english, italian in words.UI.values())


def test_every_predicate_of_the_vocabulary_has_words() -> None:
    assert set(SIGNATURES) <= set(words.RELATIONS)


def test_a_frame_for_a_notebook_holds_the_page_as_an_attribute_and_nothing_else() -> None:
    reader = Reader(view.html(hostile(), title=ATTACK))
    ((tag, attributes),) = reader.tags
    assert tag == "iframe"
    assert attributes["srcdoc"] == view.page(hostile(), ATTACK)
    assert "allow-same-origin" not in (attributes["sandbox"] or "")


# The browser ---------------------------------------------------------------------------------------------

needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="the page was not tried: no Chromium or Chrome here; apt-get install chromium"
)


class Visit:
    """An open page with all that it asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def shown_edges(self) -> int:
        return self.page.evaluate("kgView.edges.get({ filter: (edge) => !edge.hidden }).length")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1400, "height": 900},
        )
        context.set_default_timeout(120_000)  # a busy machine may take its time
        yield context
        context.close()


def until(page: Any, expression: str) -> None:
    """Waits until something is true of a page; asked from outside, since the page's policy forbids `eval` in it."""
    end = time.monotonic() + 120
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


@pytest.fixture
def visit(browser: BrowserContext, tmp_path: Path) -> Iterator[Any]:
    opened: list[Visit] = []

    def open_(graph: Graph, fragment: str = "", title: str = "Panchine") -> Visit:
        path = tmp_path / "graph.html"
        view.write(graph, path, title)
        opened.append(Visit(browser.new_page()))
        opened[-1].page.goto(path.as_uri() + fragment)
        until(opened[-1].page, "Boolean(window.kgView)")
        return opened[-1]

    yield open_
    for each in opened:
        # Whatever a test does, the page asks for nothing but itself and complains of nothing.
        assert {url.split("#")[0] for url in each.requests} == {(tmp_path / "graph.html").as_uri()}
        assert each.complaints == []
        each.page.close()


def redrawn(page: Any) -> None:
    """Waits until names are drawn, and until what was asked of the page before is drawn, too."""
    until(page, "kgView.names().length > 0")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@needs_chromium
@pytest.mark.browser
class TestBrowser:
    def test_everything_is_drawn_at_its_place(self, visit: Any) -> None:
        page = visit(benches()).page
        assert page.evaluate("kgView.edges.length") == 5
        assert page.evaluate("kgView.nodes.length") == 6
        drawing = json.loads(page.inner_html("#vis"))
        for node in drawing["nodes"]:
            if "x" in node:
                at = page.evaluate("(id) => kgView.network.getPositions([id])[id]", node["id"])
                assert (round(at["x"]), round(at["y"])) == (node["x"], node["y"])
        ink = """() => { const canvas = document.querySelector("#canvas canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.filter((value, at) => at % 4 === 3 && value > 0).length; }"""
        until(page, f"({ink})() > 2000")

    def test_a_claim_shows_its_sentences_with_both_marks(self, visit: Any) -> None:
        page = visit(benches()).page
        page.click("#tab-claims")
        page.click('button.claim[aria-label="Carlo Ancelotti — coaches → Real Madrid · fact · present"]')
        assert page.inner_text("#detail h2") == "Carlo Ancelotti — coaches → Real Madrid"
        assert page.locator("#detail .chip").all_inner_texts() == [
            "fact",
            "present",
            "confidence 88 %",
            "2 articles",
            "2 independent sources",
        ]
        assert page.locator("#detail blockquote").all_inner_texts() == [
            "Ancelotti è l'allenatore dei Blancos.",
            "😀 Il tecnico Carlo Ancelotti guida il Real Madrid.",
        ]
        assert page.locator("#detail mark.subject").all_inner_texts() == ["Ancelotti", "Carlo Ancelotti"]
        assert page.locator("#detail mark.object").all_inner_texts() == ["Blancos", "Real Madrid"]
        assert "reported in\nMarca" in page.inner_text("#detail dl")
        link = page.locator("#detail cite a").last
        assert link.get_attribute("href") == "https://example.org/real"
        assert "noopener" in (link.get_attribute("rel") or "")
        assert "2025-03-31" in page.locator("#detail cite").last.inner_text()

    def test_a_click_on_the_line_opens_its_claim(self, visit: Any) -> None:
        page = visit(benches()).page
        spot = page.evaluate(
            """() => { const { entities } = JSON.parse(document.getElementById("data").textContent);
            const at = (label) => Object.values(kgView.network.getPositions(
                [entities.findIndex((entity) => entity.label === label)]))[0];
            const [a, b] = [at("Arda Güler"), at("Real Madrid")];
            const dom = kgView.network.canvasToDOM({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
            const box = document.getElementById("canvas").getBoundingClientRect();
            return [dom.x + box.left, dom.y + box.top]; }"""
        )
        page.mouse.click(*spot)
        page.wait_for_selector("#detail h2")
        assert page.inner_text("#detail h2") == "Arda Güler — plays for → Real Madrid"

    def test_a_node_says_who_it_is(self, visit: Any) -> None:
        page = visit(benches()).page
        page.fill("#search", "carletto")
        page.press("#search", "Enter")
        assert page.inner_text("#detail h2") == "Carlo Ancelotti"
        assert page.locator("#detail .chip").all_inner_texts() == ["Person", "coach"]
        assert page.locator("#detail dl a").get_attribute("href") == "https://www.wikidata.org/wiki/Q174113"
        titles = [title.lower() for title in page.locator("#detail h3").all_inner_texts()]
        assert titles == ["coaches", "is candidate for", "has contract until"]
        assert "2026-06" in page.inner_text("#detail")

    def test_search_folds_accents(self, visit: Any) -> None:
        page = visit(benches()).page
        page.keyboard.press("/")
        page.keyboard.type("guler")
        page.keyboard.press("Enter")
        assert page.inner_text("#detail h2") == "Arda Güler"

    @pytest.mark.parametrize(
        ("group", "value", "left"),
        [("modality", "Denied", 4), ("tense", "Past", 4), ("predicate", "candidateFor", 3), ("class", "Club", 0)],
    )
    def test_the_legend_hides_what_is_unticked(self, visit: Any, group: str, value: str, left: int) -> None:
        opened = visit(benches())
        box = f'input[data-filter="{group}"][value="{value}"]'
        opened.page.uncheck(box)
        assert opened.shown_edges() == left
        assert f"no-{group}={value}" in opened.page.url
        opened.page.check(box)
        assert opened.shown_edges() == 5

    def test_modality_and_tense_can_be_seen(self, visit: Any) -> None:
        page = visit(benches()).page
        styles = page.evaluate(
            """() => Object.fromEntries(JSON.parse(document.getElementById("data").textContent).statements
                .map((row, id) => [`${row.p} ${row.modality} ${row.tense}`, kgView.edges.get(id)])
                .filter((row) => row[1])
                .map(([name, edge]) => [name, [JSON.stringify(edge.dashes), edge.width, edge.color.color.slice(7)]]))"""
        )
        assert styles["coaches Asserted Present"] == ["false", 2.8, "ff"]
        assert styles["coaches Asserted Past"] == ["false", 0.8, "73"]
        dashes = {name: style[0] for name, style in styles.items()}
        assert len({dashes[f"candidateFor {m} Present"] for m in ("Denied", "Possible")} | {"false"}) == 3

    def test_a_permalink_opens_what_it_was_taken_from(self, visit: Any) -> None:
        page = visit(
            benches(), "#claim=https%3A%2F%2Fw3id.org%2Ffootball-kg%2Fid%2Fstatement%2F0001&no-tense=Past"
        ).page
        assert page.inner_text("#detail h2") == "Carlo Ancelotti — coaches → Real Madrid"
        assert not page.is_checked('input[value="Past"]') if page.is_visible("#legend") else True
        assert page.evaluate("kgView.edges.get({ filter: (edge) => !edge.hidden }).length") == 4

    def test_a_broken_permalink_is_let_be(self, visit: Any) -> None:
        page = visit(benches(), "#claim=%3Cscript%3E&confidence=x&depth=99&since=2000&entity=__proto__").page
        assert page.evaluate("kgView.edges.length") == 5

    def test_the_path_between_two_coaches_leads_over_the_bench_of_roma(self, visit: Any) -> None:
        opened = visit(benches(), "#entity=https%3A%2F%2Fw3id.org%2Ffootball-kg%2Fid%2Fperson%2Farda-guler")
        opened.page.fill("#path", "allegri")
        opened.page.press("#path", "Enter")
        assert "Path from Arda Güler to Massimiliano Allegri: 4 steps" in opened.page.inner_text("#focus")
        assert opened.shown_edges() == 4

    def test_only_neighbours(self, visit: Any) -> None:
        opened = visit(benches(), "#entity=https%3A%2F%2Fw3id.org%2Ffootball-kg%2Fid%2Fclub%2Fmilan")
        opened.page.click("text=Only neighbours")
        assert opened.shown_edges() == 1
        opened.page.click("#focus button")
        assert opened.shown_edges() == 5

    def test_the_panel_works_by_keyboard(self, visit: Any) -> None:
        page = visit(benches()).page
        page.focus("#tab-legend")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.get_attribute("#tab-claims", "aria-selected") == "true"
        page.keyboard.press("Tab")  # into the panel
        page.keyboard.press("Tab")  # its first entity
        page.keyboard.press("Tab")  # its first claim
        page.keyboard.press("Enter")
        assert page.inner_text("#detail h2").startswith("Arda Güler")

    def test_hostile_text_stays_text(self, visit: Any) -> None:
        page = visit(hostile(), title=ATTACK).page
        for act in ("kgView.openEntity(1)", "kgView.openClaim(0)", "kgView.openClaim(1)"):
            page.evaluate(act)
            page.click("#tab-claims")
        page.fill("#search", "script")
        redrawn(page)
        assert page.evaluate("window.owned") is None
        assert page.locator("img").count() == 0
        assert page.locator("#detail cite a").count() == 0
        assert "<script>window.owned=1</script>" in page.inner_text("#found")

    def test_an_empty_graph_says_so(self, visit: Any) -> None:
        page = visit(Graph()).page
        assert page.is_visible("text=This graph has no claims yet.")

    def test_a_large_graph_opens_on_its_core_and_brings_the_rest_when_asked(
        self, visit: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules["kg.view.page"], "WHOLE", 80)
        monkeypatch.setattr(sys.modules["kg.view.page"], "CORE", 60)
        room = Newsroom()
        hub = room.entity("club/roma", "Club", "Roma")
        for number in range(90):
            room.claim(room.entity(f"person/_p{number:03}", "Person", f"Player {number:03}"), "playsFor", hub)
        page = visit(room.graph).page
        assert page.evaluate("kgView.nodes.length") == 60
        page.fill("#search", "player 089")
        page.press("#search", "Enter")
        assert page.evaluate("kgView.nodes.length") == 61
        assert page.evaluate("kgView.edges.length") == 60
        page.evaluate("kgView.openEntity(0, true)")  # Roma, and with it all who play there
        assert page.evaluate("kgView.nodes.length") == 91

    def test_the_page_is_dark_where_the_reader_wants_it(self, visit: Any) -> None:
        page = visit(benches()).page
        page.emulate_media(color_scheme="dark")
        page.wait_for_selector('html[data-theme="dark"]')
        page.click("#theme")
        page.wait_for_selector('html[data-theme="light"]')

    def test_no_name_lies_on_another(self, visit: Any) -> None:
        page = visit(dressing_rooms()).page
        for zoom in (None, 0.3, 1.5):
            if zoom:
                page.evaluate(f"kgView.network.moveTo({{ scale: {zoom} }})")
            redrawn(page)
            names = page.evaluate("kgView.names()")
            assert names
            for one, other in combinations(names, 2):
                apart = (
                    one["x"] + one["width"] <= other["x"]
                    or other["x"] + other["width"] <= one["x"]
                    or one["y"] + one["height"] <= other["y"]
                    or other["y"] + other["height"] <= one["y"]
                )
                assert apart, (one["rows"], other["rows"])

    def test_in_a_small_graph_everybody_has_a_name(self, visit: Any) -> None:
        page = visit(benches()).page
        redrawn(page)
        shown = {" ".join(name["rows"]) for name in page.evaluate("kgView.names()") if name["kind"] == "node"}
        assert shown == {"Carlo Ancelotti", "Massimiliano Allegri", "Arda Güler", "Real Madrid", "Roma", "Milan"}

    def test_the_page_speaks_italian(self, visit: Any) -> None:
        opened = visit(benches())
        opened.page.click("#language")
        assert opened.page.get_attribute("html", "lang") == "it"
        assert opened.page.inner_text("#tab-claims") == "Affermazioni (7)"
        assert "smentita" in opened.page.inner_text("#legend")
        opened.page.evaluate("kgView.openClaim(kgView.edges.getIds().find((id) => !kgView.edges.get(id).hidden))")
        assert re.search(r"allena|gioca per|candidato", opened.page.inner_text("#detail h2"))
        assert "language=it" in opened.page.url
        opened.page.click("#language")
        assert opened.page.inner_text("#fit") == "Fit"

    def test_the_slider_leaves_only_what_was_written_by_then(self, visit: Any) -> None:
        opened = visit(benches())
        opened.page.evaluate(
            """() => { const slider = document.getElementById("range-to"); slider.value = 0;
                slider.dispatchEvent(new Event("input")); }"""
        )
        until(opened.page, "location.href.includes('until=2025-01-05')")
        assert opened.shown_edges() == 1  # Ancelotti at Real, in the article of January
        assert opened.page.locator("#range-to + output").inner_text() == "2025-01-05"

    def test_all_and_none(self, visit: Any) -> None:
        opened = visit(benches())
        everything = opened.page.locator("#legend fieldset", has_text="How sure").get_by_role("button")
        everything.click()
        assert opened.shown_edges() == 0
        everything.click()
        assert opened.shown_edges() == 5

    def test_size_and_colour_tell_of_bridges_and_communities(self, visit: Any) -> None:
        opened = visit(dressing_rooms())
        before = opened.page.evaluate("kgView.nodes.get().map((node) => [node.size, node.color.background])")
        opened.page.select_option("#by-size", "bridges")
        opened.page.select_option("#by-colour", "community")
        after = opened.page.evaluate("kgView.nodes.get().map((node) => [node.size, node.color.background])")
        assert [size for size, _ in before] != [size for size, _ in after]
        assert len({colour for _, colour in after}) == 2
        assert "size=bridges&colour=community" in opened.page.url
        assert "around" in opened.page.inner_text("#legend")

    def test_who_had_it_first_and_who_says_otherwise_in_the_same_article(self, visit: Any) -> None:
        graph = benches()
        coaches, denied = URIRef(f"{ID}statement/0001"), URIRef(f"{ID}statement/0004")
        graph.add((coaches, FB.independentSources, Literal(1)))
        graph.add((coaches, FB.firstReportedBy, URIRef(f"{ID}article/2025-01-05")))
        graph.add((coaches, FB.contradicts, denied))
        graph.add((URIRef(f"{ID}article/2025-01-05"), SDO.publisher, Literal("Il Romanista")))
        page = visit(graph, "#claim=statement/0001").page
        assert page.evaluate("kgView.edges.get(kgView.state.claim).width") == 3.8  # one source, and chosen
        detail = page.inner_text("#detail")
        assert "2 articles" in detail
        assert "1 independent source" in detail
        assert re.search(r"first in\s+Panchine · Il Romanista · 2025-01-05", detail)
        page.click("text=Carlo Ancelotti is candidate for Roma")
        assert page.inner_text("#detail h2") == "Carlo Ancelotti — is candidate for → Roma"

    def test_a_path_is_told_step_by_step(self, visit: Any) -> None:
        page = visit(benches()).page
        page.click("#tab-detail")
        page.fill("#from", "guler")
        page.press("#from", "Enter")
        page.keyboard.type("allegri")
        page.keyboard.press("Enter")
        steps = page.locator("#detail ol li").all_inner_texts()
        assert [step.split(" rumour")[0].split(" fact")[0].split(" denial")[0] for step in steps] == [
            "Arda Güler plays for Real Madrid",
            "Carlo Ancelotti coaches Real Madrid",
            "Carlo Ancelotti is candidate for Roma",
            "Massimiliano Allegri is candidate for Roma",
        ]
        assert "from=person/arda-guler&to=person/massimiliano-allegri" in page.url.replace("%2F", "/")

    def test_two_steps_reach_farther_than_one(self, visit: Any) -> None:
        opened = visit(benches(), "#entity=person/arda-guler")
        opened.page.click("text=Only neighbours")
        assert opened.shown_edges() == 1
        opened.page.click("text=2 steps")
        assert opened.shown_edges() == 2
        opened.page.reload()
        assert opened.shown_edges() == 2

    def test_a_neighbourhood_is_drawn_in_a_ring_and_goes_back_to_its_place(self, visit: Any) -> None:
        page = visit(dressing_rooms()).page
        where = "Object.values(kgView.network.getPositions()).map((at) => [at.x, at.y])"
        before = page.evaluate(where)
        page.fill("#search", "roma-0")
        page.press("#search", "Enter")
        page.click("text=2 steps")
        around = page.evaluate("kgView.network.getPositions(kgView.state.focus)")
        assert list(around.values()) == [{"x": 0, "y": 0}]
        assert page.evaluate(where) != before
        page.click("#focus button")
        assert page.evaluate(where) == before

    def test_the_drawing_is_walked_by_keyboard(self, visit: Any) -> None:
        page = visit(benches(), "#entity=club/milan").page
        page.focus("#canvas [role=application]")
        page.keyboard.press("n")
        assert page.inner_text("#detail h2") == "Massimiliano Allegri"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "tab-detail"
        page.keyboard.press("Escape")
        assert "Click a line" in page.inner_text("#detail")

    def test_turtle_of_the_page_says_what_the_graph_says(self, visit: Any) -> None:
        graph = Story("a", url="https://example.org/a").says(
            "Dybala resta alla Roma, dice 'no' a \"tutti\".", "Paulo Dybala", "playsFor", "Roma", by="Totti", to="Marca"
        )
        graph.says("La Roma ha battuto 3-2 il Milan.", "Roma", "playedMatch", "Milan", tense="Past", score="3-2")
        graph.says("😀 Pellegrini è ai box.", "Lorenzo Pellegrini", "injured", "Injury")
        graph.says("Contratto fino al 2027.", "Paulo Dybala", "contractUntil", "2027-06")
        whole = graph_of([graph.extraction])
        page = visit(whole).page
        given = Graph().parse(data=page.evaluate("kgView.turtleText()"), format="turtle")
        assert set(given) - set(whole) == set()
        left_out = {str(p).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for _, p, _ in set(whole) - set(given)}
        assert left_out <= {"identifier", "wasGeneratedBy", "type", "label", "independentSources", "firstReportedBy"}
        page.uncheck('input[value="playedMatch"]')
        assert "3-2" not in page.evaluate("kgView.turtleText()")

    def test_exports_of_hostile_text_are_well_formed(self, visit: Any) -> None:
        page = visit(hostile(), title=ATTACK).page
        redrawn(page)
        given = Graph().parse(data=page.evaluate("kgView.turtleText()"), format="turtle")
        assert any("<script>" in str(label) for label in given.objects(None, RDFS.label))
        svg = ElementTree.fromstring(page.evaluate("kgView.svgText()"))
        tags = {element.tag.split("}")[1] for element in svg.iter()}
        assert tags <= {"svg", "rect", "path", "title", "text", "tspan"}
        rows = list(csv.reader(page.evaluate("kgView.csvText()").lstrip("\ufeff").splitlines()))
        assert len(rows) == 3
        assert {len(row) for row in rows} == {13}

    @pytest.mark.parametrize("kind", ["png", "svg", "ttl", "csv"])
    def test_the_page_saves_files(self, visit: Any, kind: str) -> None:
        page = visit(benches()).page
        with page.expect_download() as download:
            page.click(f"#{kind}")
        name = "graph" if kind in ("png", "svg") else "claims"
        assert download.value.suggested_filename == f"{name}.{kind}"
        assert Path(download.value.path()).stat().st_size > 500

    def test_in_a_notebook_the_page_keeps_to_its_frame(self, browser: BrowserContext) -> None:
        page = browser.new_page()
        seen = Visit(page)
        cell = view.html(benches(), title=ATTACK, height=500)
        page.set_content(f"<!DOCTYPE html><style>button {{ color: red }}</style><h1>Cell</h1>{cell}<p>After</p>")
        style = "getComputedStyle(document.querySelector('h1')).fontSize"
        assert page.evaluate(style) == "32px"  # the page has 18
        inside = page.frames[1]
        inside.wait_for_selector("#names[aria-pressed]")
        assert inside.evaluate("kgView.edges.length") == 5
        assert inside.evaluate("getComputedStyle(document.getElementById('fit')).color") != "rgb(255, 0, 0)"
        inside.evaluate("kgView.openEntity(0, true)")
        inside.evaluate("document.getElementById('skip').click()")
        assert inside.evaluate("kgView.edges.length") == 5  # the link led nowhere else
        assert page.evaluate("window.owned") is None
        assert [url for url in seen.requests if not url.startswith("about:")] == []
        assert seen.complaints == []
        page.close()

    def test_text_stands_out_from_its_ground_as_wcag_asks(self, visit: Any) -> None:
        page = visit(benches(), "#claim=statement/0001").page
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_selector(f'html[data-theme="{scheme}"]')
            for tab in ("legend", "detail", "claims"):
                page.click(f"#tab-{tab}")
                assert page.evaluate(LOW_CONTRAST) == [], (scheme, tab)

    def test_everything_that_can_be_worked_has_a_name(self, visit: Any) -> None:
        page = visit(benches(), "#entity=person/carlo-ancelotti").page
        nameless = """[...document.querySelectorAll("button, input, select, [role], table, a")].filter((node) => {
            const label = node.getAttribute("aria-label") || node.labels?.[0]?.textContent || node.textContent
                || document.getElementById(node.getAttribute("aria-labelledby"))?.textContent;
            return !(label || "").trim() && !node.hidden && node.id !== "focus"; }).map((node) => node.outerHTML)"""
        assert page.evaluate(nameless) == []
