"""Pictures of a report for the documentation: `screenshot.py report.html docs/pictures`; needs a Chromium.

report-light.webp · report-dark.webp · report-detail.webp · report-narrow.webp; with canvases also report-canvas.webp
"""

from __future__ import annotations

import os
import shutil
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

WIDE, NARROW = (1400, 1000), (400, 860)


def main(report: Path, out: Path) -> None:
    """Write the pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium is installed")
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        # Chromium's sandbox does not run as root, as in a container.
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        _save(_opened(browser, report, "light", WIDE), out / "report-light.webp")
        page = _opened(browser, report, "dark", WIDE)
        page.click("[data-toggle=empty]")
        page.click(".overview summary")
        page.locator(".asset").first.hover()
        _save(page, out / "report-dark.webp")
        page.locator(".asset").first.click()
        _save(page, out / "report-detail.webp")
        if page.locator("#detail .framed").count():
            page.locator("#detail .framed button", has_text="prime-cover").click()
            _save(page, out / "report-canvas.webp")
        page = _opened(browser, report, "light", NARROW)
        page.locator(".suite").first.evaluate("node => node.scrollIntoView()")
        _save(page, out / "report-narrow.webp")


def _opened(browser: Browser, report: Path, scheme: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(report.resolve().as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    return page


def _save(page: Page, path: Path) -> None:
    page.wait_for_timeout(500)  # pictures near the screen are put in as they come near
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(path, "WEBP", quality=82, method=6)
    print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
