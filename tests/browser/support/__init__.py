"""What the browser tests stand on: a project on disk, its server, its pages."""
