"""The report as a person meets it: in a headless Chromium without a network."""

import os
import re
import shutil
from urllib.parse import unquote

import pytest
import report_runs
from canvas_rows import in_canvas
from report_runs import CONTRAST, SCALES, TITLES, asset, brightness, faces, make_run

from artvision.report.build import write_report
from artvision.rows import open_rows

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright to drive a browser (extra: dev)")
pytest.importorskip("plotly", reason="the report draws with plotly (extra: report)")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ALL = range(12)
# Where the text of an element lies, without its padding.
BOX = """
node => {
  const range = new Range();
  range.selectNodeContents(node);
  return range.getBoundingClientRect().toJSON();
}
"""
NUMBER = re.compile(r"-?[\d.]+")


@pytest.fixture(scope="module")
def browser():
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=root)
        yield started
        started.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The report on one page, and the same on two."""
    folder = tmp_path_factory.mktemp("report")
    rows = open_rows(make_run(folder / "run"))
    return write_report(rows, folder / "one.html").pages[0], write_report(rows, folder / "two.html", page_size=7).pages


@pytest.fixture(scope="module")
def opened(browser, written):
    """(page, what it asked for, what went wrong), with the network off."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme="light", offline=True)
    page, asked, wrong = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    _open(page, written[0])
    yield page, asked, wrong
    context.close()


@pytest.fixture
def page(opened):
    """The page without filters, at its top."""
    found = opened[0]
    if found.evaluate("document.getElementById('detail').open"):
        found.keyboard.press("Escape")
    found.evaluate("document.activeElement.blur()")
    found.set_viewport_size({"width": 1400, "height": 900})
    found.click("[type=reset]")
    _wait(found, "12 of 12 shown")
    return found


def _open(page, path, hash_=""):
    page.goto("about:blank")
    page.goto(path.as_uri() + hash_)
    page.wait_for_selector("html[data-ready=yes]")


def _wait(page, count):
    playwright.expect(page.locator("#count")).to_have_text(count)


def _shown(page):
    script = "nodes => nodes.filter(n => n.checkVisibility()).map(n => data.assets[n.dataset.at].id)"
    script = script.replace("data.assets", "JSON.parse(document.getElementById('data').textContent).assets")
    return page.locator(".asset").evaluate_all(script)


def _ids(test):
    return {f"a{number:02d}" for number in ALL if test(number)}


def test_it_asks_for_itself_alone_and_runs_no_text_of_the_rows(opened, written):
    page, asked, wrong = opened
    assert asked == [written[0].as_uri()]
    assert wrong == []
    assert page.evaluate("window.pwned") is None
    assert set(page.locator(".suite h3").all_inner_texts()) == set(TITLES.values())
    assert page.locator("main img:not(.frame img)").count() == 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"q": "zebra"}, _ids(lambda number: number >= 9)),
        ({"q": "المدينة"}, _ids(lambda number: 6 <= number < 9)),
        ({"q": "A07"}, {"a07"}),
        ({"type": "still"}, _ids(lambda number: number % 2)),
        ({"market": "FR"}, _ids(lambda number: asset(number)["market"] == "FR")),
        ({"faces": "0"}, _ids(lambda number: faces(number) == 0)),
        ({"faces": "3"}, _ids(lambda number: faces(number) >= 3)),
        ({"shot": "medium"}, _ids(lambda number: faces(number) and SCALES[number % 3] == "medium")),
        ({"field": "light.brightness"}, _ids(lambda number: number != 5)),
        (
            {"field": "light.brightness", "min": "20", "max": "57.5"},
            _ids(lambda n: n != 5 and 20 <= brightness(n) <= 57.5),
        ),
        ({"type": "poster", "faces": "2", "q": "t"}, _ids(lambda number: number % 2 == 0 and faces(number) == 2)),
        ({"q": "nowhere"}, set()),
    ],
)
def test_filters_leave_what_they_say(page, wanted, expected):
    for name, text in wanted.items():
        control = page.locator(f".filters [name={name}]")
        control.select_option(text) if control.evaluate("node => node.tagName") == "SELECT" else control.fill(text)
    _wait(page, f"{len(expected)} of 12 shown")
    assert set(_shown(page)) == expected
    assert page.locator("#nothing").is_visible() is (not expected)
    assert page.locator(".suite:visible").count() == len({asset(int(name[1:]))["title_id"] for name in expected})
    kept = unquote(page.evaluate("location.hash"))
    assert all(f"{name}={text}" in kept for name, text in wanted.items())


def test_the_address_brings_filters_and_overlays_back(page):
    page.locator("[name=q]").fill("& a0")
    page.locator("[name=type]").select_option("poster")
    page.locator("[name=field]").select_option("light.brightness")
    page.locator("[name=max]").fill("40")
    page.click("[data-toggle=thirds]")
    _wait(page, "0 of 12 shown")
    page.locator("[name=q]").fill("a0")
    _wait(page, "3 of 12 shown")
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    _wait(page, "3 of 12 shown")
    assert set(_shown(page)) == {"a00", "a02", "a04"}
    assert page.locator("[data-toggle=thirds]").get_attribute("aria-pressed") == "true"
    page.click("[data-toggle=thirds]")
    page.click("[type=reset]")
    playwright.expect(page).to_have_url(page.url.split("#")[0] + "#")


def _bars(page, name):
    """(counts of all, counts of those shown) of the chart under that name."""
    chart = page.locator(".chart", has=page.locator("b", has_text=name)).locator(".plot")
    return chart.evaluate("plot => plot.data.map(trace => trace.orientation === 'h' ? trace.x : trace.y)")


def test_charts_follow_the_filters_and_a_bar_sets_one(page):
    for name in page.locator(".chart b").all_inner_texts():
        every, shown = _bars(page, name)
        assert every == shown, name
    page.locator("[name=type]").select_option("still")
    _wait(page, "6 of 12 shown")
    assert _bars(page, "faces") == [[3, 3, 3, 3, 0, 0, 0], [0, 3, 0, 3, 0, 0, 0]]
    page.click("[type=reset]")
    _wait(page, "12 of 12 shown")
    plot = page.locator(".chart", has=page.locator("b", has_text="brightness")).locator(".plot")
    plot.locator(".nsewdrag").first.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box = plot.locator(".trace").nth(1).locator("path").last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    _wait(page, "2 of 12 shown")
    assert set(_shown(page)) == {"a10", "a11"}


AXES = """
plots => plots.map(plot => ["xaxis", "yaxis"].map(name => {
  const { type, range, _vals } = plot._fullLayout[name];
  return [type, range, _vals.map(({ text }) => text)];
}).concat([...plot.querySelectorAll(".trace")].map(trace => trace.querySelectorAll(".point").length)))
"""


def test_assets_are_counted_whole(page):
    for plot in page.locator(".plot").all():
        axis = "xaxis" if plot.evaluate("plot => plot.data[0].orientation") == "h" else "yaxis"
        ticks = plot.evaluate("(plot, axis) => plot._fullLayout[axis]._vals.map(({ text }) => text)", axis)
        assert len(ticks) > 1
        assert all(map(str.isdecimal, ticks))


def test_a_filter_moves_no_axis_and_loses_no_bar(page):
    names, plots = page.locator(".chart b").all_inner_texts(), page.locator(".plot")
    before = dict(zip(names, plots.evaluate_all(AXES), strict=True))
    (kind, _, labels), _, *bars = before["Faces"]
    assert (kind, labels, bars) == ("category", ["0", "1", "2", "3", "4", "5", "6+"], [7, 7])
    for text, count in (("zebra", 3), ("nowhere", 0), ("", 12)):
        page.locator("[name=q]").fill(text)
        _wait(page, f"{count} of 12 shown")
        assert dict(zip(names, plots.evaluate_all(AXES), strict=True)) == before
    page.locator("[name=type]").select_option("still")
    _wait(page, "6 of 12 shown")
    page.click("[type=reset]")
    _wait(page, "12 of 12 shown")
    assert dict(zip(names, plots.evaluate_all(AXES), strict=True)) == before


def test_the_keyboard_reaches_everything(page):
    page.locator("#suites").focus()
    page.keyboard.press("Tab")
    _focused = "document.activeElement.dataset.at"
    assert page.evaluate(_focused) == "0"
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    assert page.locator("#tip").is_visible()
    for key, at in (
        ("ArrowRight", "1"),
        ("End", "2"),
        ("ArrowRight", "3"),
        ("ArrowDown", "6"),
        ("ArrowUp", "3"),
        ("Home", "3"),
        ("ArrowLeft", "2"),
    ):
        page.keyboard.press(key)
        assert page.evaluate(_focused) == at, key
    page.keyboard.press("Tab")
    assert page.evaluate(_focused) == "3", "one stop a suite"
    page.keyboard.press("Enter")
    assert page.locator("#detail").is_visible()
    title = page.locator("#detail-title").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("#detail-title").inner_text() != title
    page.keyboard.press("Escape")
    assert page.locator("#detail").is_hidden()
    assert page.evaluate(_focused) == "4", "the focus is where the detail was left"
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def _of(page, asset_id):
    at = page.evaluate(
        "id => JSON.parse(document.getElementById('data').textContent).assets.findIndex(a => a.id === id)", asset_id
    )
    return page.locator(f".asset[data-at='{at}']")


def _point(page, button):
    """The pointer on it, once the scrolling that brings it there is over: that takes away what the pointer tells."""
    button.scroll_into_view_if_needed()
    page.evaluate("new Promise(over => requestAnimationFrame(() => requestAnimationFrame(over)))")
    button.hover()
    page.locator("#tip").wait_for(state="visible")


def test_numbers_come_with_the_pointer_and_all_fields_with_a_click(page):
    button = _of(page, "a06")
    _point(page, button)
    told = page.locator("#tip").inner_text().split("\n")
    assert told[told.index("brightness") + 1] == "50 L*"
    assert told[told.index("faces") + 1] == "2"
    assert told[told.index("contrast") + 1] == "abstained"
    for name in ("novelty", "redundancy"):
        assert NUMBER.fullmatch(told[told.index(name) + 1]), "nobody says `0.1 distance`"
    button.click()
    rows = page.locator("#detail tr").all_inner_texts()
    assert any(row.startswith("brightness\nmean lightness (higher: brighter)") and "50 L*" in row for row in rows)
    assert any(row.startswith("novelty\n") and " distance" in row for row in rows)
    assert any("abstained" in text for text in page.locator("#detail h3").all_inner_texts())
    page.keyboard.press("Escape")
    assert "light: ValueError" not in page.content()


@pytest.mark.parametrize(("asset_id", "told"), [("a00", "0 faces"), ("a01", "1 face"), ("a02", "2 faces")])
def test_faces_are_counted_as_a_person_says_it(page, asset_id, told):
    assert _of(page, asset_id).get_attribute("aria-label").split(", ")[-1] == told


def test_charts_name_the_unit_of_numbers_alone(page):
    spoken = page.locator(".plot").evaluate_all(
        "plots => plots.map(plot => plot.getAttribute('aria-label').split(':')[0])"
    )
    assert {"brightness in L*", "faces", "shot scale", "strongest tag"} <= set(spoken)


def test_overlays_lie_where_they_were_found_and_can_be_taken_away(page):
    button = _of(page, "a02")
    button.scroll_into_view_if_needed()
    frame, face = button.locator(".frame").bounding_box(), button.locator(".lead").bounding_box()
    for side, origin, size, low, share in (("x", "x", "width", 0.25, 0.25), ("y", "y", "height", 0.125, 0.375)):
        assert (face[side] - frame[origin]) / frame[size] == pytest.approx(low, abs=0.03)
        assert face[size] / frame[size] == pytest.approx(share, abs=0.04)
    assert button.locator(".faces rect:not(.halo)").count() == 2
    for name, selector, before in (
        ("faces", ".lead", True), ("palette", ".palette", True), ("thirds", ".third", False), ("empty", ".room", False),
        ("slot", ".title", False),
    ):  # fmt: skip
        for visible in (before, not before, before):
            assert button.locator(selector).is_visible() is visible, name
            assert page.locator(f"[data-toggle={name}]").get_attribute("aria-pressed") == str(visible).lower()
            page.click(f"[data-toggle={name}]")
        page.click(f"[data-toggle={name}]")


def _chosen(page, name):
    """Press a canvas in the open dialog."""
    page.locator("#detail .framed button", has_text=name).click()


def test_a_canvas_shows_its_crop_and_a_title_in_its_slot(page):
    _of(page, "a00").click()
    assert page.locator("#detail .framed caption").inner_text().startswith("Serves 2 of 3 canvases\nno face cut,")
    assert page.locator("#detail .framed tbody tr").count() == 2, "canvases that are alike are told once"
    assert page.locator("#detail .crop").count() == 0
    _chosen(page, "tile, twin")
    frame = page.locator("#detail .frame").bounding_box()
    for part, box in ((".crop", (0.5, 0, 0.5, 1)), (".crop .title", (0.5, 0.5, 0.25, 0.25))):
        found = page.locator(f"#detail {part}").bounding_box()
        shares = [(found[side] - frame[side]) / frame[size] for side, size in (("x", "width"), ("y", "height"))]
        shares += [found[size] / frame[size] for size in ("width", "height")]
        assert shares == pytest.approx(box, abs=0.02)
    title = page.locator("#detail .crop .title")
    assert title.evaluate("node => getComputedStyle(node).color") == "rgb(255, 255, 255)"
    word = title.locator("span").bounding_box()
    assert 0 < word["width"] <= title.bounding_box()["width"]
    _chosen(page, "wide")
    assert page.locator("#detail [aria-pressed=true]").all_inner_texts() == ["wide"]
    assert "a face is cut" in page.locator("#detail .framed").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("#detail [aria-pressed=true]").all_inner_texts() == ["wide"], "kept, to compare pictures in it"
    _chosen(page, "wide")
    assert page.locator("#detail .crop").count() == 0
    page.keyboard.press("Escape")


def test_a_canvas_is_chosen_with_the_keyboard(page):
    _of(page, "a00").click()
    stops = 0
    while page.evaluate("document.activeElement.closest('.framed') === null"):
        page.keyboard.press("Tab")
        assert (stops := stops + 1) < 6, "the bar and the panel lie before it"
    page.keyboard.press("Space")
    assert page.locator("#detail [aria-pressed=true]").all_inner_texts() == ["tile, twin"]
    page.keyboard.press("Enter")
    assert page.locator("#detail [aria-pressed=true]").count() == 0
    page.keyboard.press("Escape")


def test_a_file_that_has_changed_shows_no_crop_and_one_without_canvases_no_table(page):
    _of(page, "a04").click()
    _chosen(page, "wide")
    assert page.locator("#detail .crop").count() == 0
    _chosen(page, "wide")
    page.keyboard.press("Escape")
    _of(page, "a02").click()
    assert page.locator("#detail .framed").count() == 0
    page.keyboard.press("Escape")


def test_a_title_says_which_canvases_its_pictures_serve(page):
    told = page.locator(".suite .sub").all_inner_texts()
    assert sum("serves 2 of 3 canvases, not wide" in text for text in told) == 1  # a00, a01
    assert sum("serves 3 of 3 canvases" in text for text in told) == 1  # a04
    assert sum("serves 0 of 3 canvases" in text for text in told) == 2
    _point(page, _of(page, "a00"))
    lines = page.locator("#tip").inner_text().split("\n")
    assert lines[lines.index("serves") + 1] == "2 of 3 canvases"


@pytest.mark.parametrize(("canvas", "ids"), [("tile", ["a00", "a04"]), ("wide", ["a04"])])
def test_pictures_that_serve_a_canvas_are_filtered(page, canvas, ids):
    page.select_option("[name=canvas]", canvas)
    _wait(page, f"{len(ids)} of 12 shown")
    assert sorted(_shown(page)) == ids
    assert f"canvas={canvas}" in page.url


def test_what_cannot_be_shown_says_why(page):
    gone, changed = _of(page, "a03"), _of(page, "a04")
    gone.scroll_into_view_if_needed()
    assert "no picture: missing\n" in gone.inner_text(), "what a narrow frame can hold"
    _point(page, gone)
    assert "missing: no such file" in page.locator("#tip").inner_text()
    inside, badge = (gone.locator(part).evaluate(BOX) for part in (".gone", ".place"))
    assert inside["top"] >= badge["bottom"], "the place covers no word"
    gone.click()
    assert "missing: no such file" in page.locator("#detail .facts").inner_text()
    page.keyboard.press("Escape")
    changed.scroll_into_view_if_needed()
    assert "file changed" in changed.inner_text()
    assert changed.locator("img").count() == 1
    assert changed.locator("svg").count() == 0, "the boxes belong to the earlier picture"


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_and_fits(page, scheme, width):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    try:
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.querySelector('.frame')).transitionDuration") == "0s"
        _of(page, "a07").click()
        assert page.evaluate(CONTRAST) == []
        page.keyboard.press("Escape")
    finally:
        page.emulate_media(color_scheme="light")


@pytest.fixture
def printed(page):
    """The page with its pointer on an asset and one filter set, in dark colours, as paper gets it."""
    page.locator("[name=type]").select_option("poster")
    _wait(page, "6 of 12 shown")
    page.click("#theme")
    page.click("#theme")
    _point(page, _of(page, "a06"))
    page.emulate_media(media="print")
    yield page
    page.emulate_media(media="screen")
    page.keyboard.press("Escape")
    page.click("#theme")


def test_paper_gets_what_was_chosen_and_nothing_to_press(printed):
    assert printed.locator("#tip").is_hidden()
    assert printed.locator("button:not(.asset):visible, select:visible, input:visible").count() == 0
    assert printed.locator("#count").is_visible()
    assert printed.evaluate(CONTRAST) == []
    assert printed.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert printed.locator(".failures .scroll").evaluate("node => getComputedStyle(node).overflow") == "visible"


def test_an_asset_that_is_open_is_printed_alone_and_whole(printed):
    printed.emulate_media(media="screen")
    _of(printed, "a06").click()
    printed.emulate_media(media="print")
    assert printed.locator("main").is_hidden()
    held, whole = printed.locator("#detail").evaluate("node => [node.clientHeight, node.scrollHeight]")
    assert held == whole > 900, "all fields, on as many pages as they take"


def test_charts_have_the_width_of_paper_while_it_is_printed(page):
    def widths():
        return set(page.locator(".plot .main-svg").evaluate_all("all => all.map(svg => svg.getAttribute('width'))"))

    before = widths()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert widths() == {"300"}
    assert page.locator(".asset img").count() == 11, "every picture, but the one that is gone"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert widths() == before != {"300"}


def test_a_small_screen_shows_two_stills_in_a_row_also_after_clear(browser, written):
    context = browser.new_context(viewport={"width": 400, "height": 900}, offline=True)
    page = context.new_page()
    _open(page, written[0])
    first, second = page.locator(".sheet").first.locator(".asset").all()[:2]
    size = first.bounding_box()
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    page.click("[type=reset]")
    page.wait_for_function("() => document.documentElement.style.getPropertyValue('--row') !== ''")
    assert first.bounding_box()["width"] == size["width"]
    context.close()


PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1400, "height": 900}])
def test_an_asset_opens_at_its_top_and_its_bar_stays(page, viewport):
    page.set_viewport_size(viewport)
    _of(page, "a00").click()
    for _ in range(2):
        assert page.evaluate("document.activeElement.id") == "detail-title"
        assert page.locator("#detail").evaluate("dialog => dialog.scrollTop") == 0
        page.locator("#detail").evaluate("dialog => dialog.scrollTop = 500")
        playwright.expect(page.locator("#detail .bar button").last).to_be_in_viewport(ratio=1)
        playwright.expect(page.locator("#detail-title")).to_be_in_viewport(ratio=1)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")


def test_a_crop_that_is_chosen_below_is_shown_under_the_bar(page):
    page.set_viewport_size(PHONE)
    _of(page, "a00").click()
    page.locator("#detail").evaluate("dialog => dialog.scrollTop = 500")
    _chosen(page, "wide")
    bar, frame = (page.locator(f"#detail {part}").first.bounding_box() for part in (".bar", ".frame"))
    assert frame["y"] >= bar["y"] + bar["height"]
    _chosen(page, "wide")
    page.keyboard.press("Escape")


FITS = "plots => plots.every(p => Math.abs(p.clientWidth - p.querySelector('.main-svg').getAttribute('width')) <= 1)"


def test_charts_follow_the_window_in_the_same_frame(page):
    drawn = "() => new Promise(over => requestAnimationFrame(() => requestAnimationFrame(over)))"
    for width in (520, 390, 700, 390, 1400):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate(drawn)
        assert page.locator(".plot").evaluate_all(FITS), width
    page.click("summary")
    page.set_viewport_size({"width": 520, "height": 844})
    page.click("summary")
    page.evaluate(drawn)
    assert page.locator(".plot").evaluate_all(FITS), "folded while the window changed"


@pytest.fixture(scope="module")
def singles(tmp_path_factory):
    """A title of three, six of one, one of two and one of one more; of six canvases a00 and a04 serve one."""
    folder = tmp_path_factory.mktemp("singles")
    fits = [in_canvas("tile"), *(in_canvas(f"wide{number}", cut=1) for number in range(5))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_runs, "CANVASES", {0: fits, 4: fits})
        patch.setattr(report_runs, "asset", lambda number: asset(number) | _alone(number))
        return write_report(open_rows(make_run(folder / "run")), folder / "page.html").pages[0]


def _alone(number):
    names = {number: f"Solo {number:02d}" for number in range(3, 9)} | {11: "Zoo"}
    return {"title_id": f"s{number}", "title": names[number]} if number in names else {}


@pytest.fixture
def flow(browser, singles):
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    page = context.new_page()
    _open(page, singles)
    yield page
    context.close()


def test_titles_of_one_picture_lie_side_by_side_and_longer_ones_keep_their_row(flow):
    sizes = flow.locator("#suites > *").evaluate_all("all => all.map(one => one.querySelectorAll('.asset').length)")
    assert sizes == [3, 6, 2, 1]
    assert flow.locator(".flow .suite").count() == 7
    row, first, second = (flow.locator(".suite").nth(at).bounding_box() for at in (0, 1, 2))
    assert row["width"] == 1400
    assert first["y"] == second["y"] >= row["y"] + row["height"]
    assert second["x"] >= first["x"] + first["width"]
    heading, picture = (_of(flow, "a03").locator(f"xpath=ancestor::section//{tag}") for tag in ("h3", "button"))
    assert heading.bounding_box()["y"] < picture.bounding_box()["y"]
    flow.locator("[name=size]").fill("240")
    assert flow.locator(".suite").nth(1).bounding_box()["width"] > 1.3 * first["width"]


def test_filters_and_arrows_work_among_titles_of_one_picture(flow):
    flow.locator("[name=q]").fill("solo 07")
    _wait(flow, "1 of 12 shown")
    assert _shown(flow) == ["a07"]
    flow.locator("[name=q]").fill("pwned")
    _wait(flow, "3 of 12 shown")
    assert flow.locator(".flow:visible").count() == 0
    flow.click("[type=reset]")
    _wait(flow, "12 of 12 shown")
    flow.set_viewport_size(PHONE)
    flow.reload()
    flow.wait_for_selector("html[data-ready=yes]")
    _of(flow, "a03").focus()
    for key, at in (("ArrowRight", "4"), ("ArrowDown", "6"), ("ArrowLeft", "5"), ("ArrowUp", "3"), ("ArrowUp", "2")):
        flow.keyboard.press(key)
        assert flow.evaluate("document.activeElement.dataset.at") == at, key
    assert flow.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_at_most_three_canvases_are_told_that_a_title_does_not_serve(flow):
    told = flow.locator(".suite .sub").all_inner_texts()
    assert told[0] == "3 assets · t1 · serves 1 of 6 canvases, not wide0, wide1, wide2 and 2 more"
    assert told[1:3] == ["s3 · serves 0 of 6 canvases", "s4 · serves 1 of 6 canvases"]


def test_the_button_overrides_the_system(page):
    def dark():
        red, *_ = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        return red < 100

    assert not dark()
    page.click("#theme")
    page.click("#theme")
    assert dark()
    assert page.locator("#theme").inner_text() == "Theme: dark"
    page.click("#theme")
    assert not dark()


def test_pages_hand_the_filters_on(opened, written):
    page = opened[0]
    _open(page, written[1][0], "#type=still")
    _wait(page, "3 of 6 shown")
    page.locator("[name=market]").select_option("US")
    page.locator(".pages a", has_text="2").first.click()
    page.wait_for_selector("html[data-ready=yes]")
    assert page.url.startswith(written[1][1].as_uri())
    assert page.locator("[name=type]").input_value() == "still"
    assert page.locator("[aria-current=page]").first.inner_text() == "2"
    _open(page, written[0])
