"""Find a Chromium for the browser tests, and install one where there is none."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.layout import BuildError, run

#: Options of Chromium for tests and measurements: nothing in the background, nothing from the network.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> Path | None:
    """Return the path of the system's browser, else of Playwright's own, else None."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.is_file() else None


def install() -> None:
    """Install Debian's chromium as root where apt is, and Playwright's own elsewhere."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], check=True, env=environment)
        packages = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(packages, check=True, env=environment)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> None:
    """Command line: `python -m tools.browser` ends well only with a browser in place."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if executable() is None:
        print("no browser found; installing one", flush=True)
        try:
            install()
        except subprocess.CalledProcessError as error:
            raise BuildError(f"could not install a browser: {error}") from error
    if (found := executable()) is None:
        raise BuildError("there is still no browser after its installation")
    print(f"browser: {found}")


if __name__ == "__main__":
    run(main)
