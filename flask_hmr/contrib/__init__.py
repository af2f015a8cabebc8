"""Plugins for libraries. Each is written against the public plugin API alone."""
