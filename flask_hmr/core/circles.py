"""Groups of things that refer to each other in a circle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator


def circles(
    roots: Iterable[str], below: Callable[[str], Collection[str]]
) -> Iterator[list[str]]:
    """Yield the strongly connected components of a graph, those below first.

    Tarjan's algorithm with its own stack, so that depth costs nothing. Takes time
    linear in what is reached.

    :param roots: where to begin.
    :param below: returns what a node refers to; asked once for each node.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()

    def enter(node: str, targets: Iterable[str]) -> tuple[str, Iterator[str]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        return node, iter(targets)

    for root in roots:
        if root in index:
            continue
        targets = below(root)
        if not targets:
            # Nearly all, where much refers to what came first.
            index[root] = len(index)
            yield [root]
            continue
        work = [enter(root, targets)]
        while work:
            node, rest = work[-1]
            target = next((t for t in rest if t not in index or t in on_stack), None)
            if target is None:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    group = [stack.pop()]
                    while group[-1] != node:
                        group.append(stack.pop())
                    on_stack.difference_update(group)
                    yield group
            elif target in index:
                low[node] = min(low[node], index[target])
            else:
                work.append(enter(target, below(target)))
