"""Settings of the documentation. Built with ``make docs``."""

from importlib import metadata

project = "Flask-HMR"
copyright = "2026 Flask-HMR contributors"
author = "Flask-HMR contributors"
release = metadata.version("Flask-HMR")
version = release.rpartition(".")[0]

# Without intersphinx: it fetches the inventories of other projects, and the
# documentation builds without a network.
extensions = [
    "sphinx.ext.autodoc",
    "pallets_sphinx_themes",
]
exclude_patterns = ["_build"]
default_role = "code"

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "flask"
html_title = f"Flask-HMR Documentation ({version}.x)"
html_show_sourcelink = False
html_copy_source = False
html_use_index = True
