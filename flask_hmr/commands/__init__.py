"""What ``flask hmr`` does: looks at an app without serving it."""
