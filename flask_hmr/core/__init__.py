"""The pure core: values in, values out; no Flask, threads, sockets, clock or files."""
