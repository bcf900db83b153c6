"""How Sphinx builds these pages: `make docs`. Nothing is fetched, by the build or by a reader's browser."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pages

import archgen

project = "archgen"
author = copyright = "The archgen developers"
version = release = archgen.__version__
extensions = ["myst_parser", "archgen.integrations.sphinx"]
nitpicky = True
smartquotes = False
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = "archgen"
html_static_path = ["static"]
html_css_files = ["archgen.css"]
html_copy_source = False
html_show_sourcelink = False


def setup(app):
    app.connect("builder-inited", lambda app: pages.write(Path(app.srcdir)))
