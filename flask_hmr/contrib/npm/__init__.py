"""Packages from npm: what their names mean, which files of theirs are served."""
