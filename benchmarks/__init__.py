"""Measurements: what HMR costs an app, and how it compares with servers from npm."""
