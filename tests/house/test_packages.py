"""Within a floor the packages have an order too: a package imports only lower ones, or itself."""

from collections.abc import Iterator

import pytest

from tests.house.files import at, module_of, modules
from tests.house.test_floors import imports

# Of each floor its packages, and modules beside them, level by level, the lowest first. Those of
# one level do not import each other. A new package goes as low as its imports let it.
LEVELS: dict[str, list[set[str]]] = {
    "interactions.filters": [
        {"conditions"},
        {"notation", "tree"},
        {"days", "feedback_text", "sql"},
        {"query"},
        {"address"},
    ],
    "interactions.services": [
        {"images", "job_watch", "masking", "rollups", "searches", "uploads"},
        {"analysis", "recording"},
        {"holds"},
        {"browsing", "comparing", "editing", "judging"},
        {"group_commit", "query_completion", "retention", "selections", "training"},
        {"bulk", "chat", "export"},
        {"datasets", "importing"},
        {"building", "erasure", "filling"},
        {"jobs"},
        {"undo"},
    ],
    "interactions.web": [
        {"filtering", "guide", "jobs", "project", "uploads"},
        {"auditing"},
        {"facets", "go_to"},
        {"charts", "images"},
        {"bulk", "rendering"},
        {"exporting", "groups", "interaction", "sessions"},
        {"importing", "judging", "listing"},
        {"building", "datasets"},
    ],
}


def package_of(floor: str, module: str) -> str | None:
    """The name under the floor that a module belongs to; None of one elsewhere.

    >>> package_of("interactions.web", "interactions.web.charts.trends")
    'charts'
    """
    return module[len(floor) + 1 :].split(".")[0] if module.startswith(f"{floor}.") else None


def arrows(floor: str) -> Iterator[tuple[str, str, str]]:
    """Each import of one package by another: who imports, what, and where it stands."""
    for path in modules():
        importing = package_of(floor, module_of(path))
        if importing is None:
            continue
        for node, name in imports(path):
            imported = package_of(floor, name)
            if imported is not None and imported != importing:
                yield importing, imported, at(path, node)


@pytest.mark.parametrize("floor", LEVELS)
def test_packages_import_only_lower_ones(floor: str) -> None:
    level = {name: n for n, names in enumerate(LEVELS[floor]) for name in names}
    faults = [
        f"{where}: {importing} imports {imported}"
        for importing, imported, where in arrows(floor)
        if level.get(importing, 0) <= level.get(imported, 0)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("floor", LEVELS)
def test_every_package_has_its_level(floor: str) -> None:
    there = {package_of(floor, module_of(path)) for path in modules()} - {None}
    assert there == set().union(*LEVELS[floor])
