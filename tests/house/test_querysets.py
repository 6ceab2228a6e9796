"""Isolation between projects: every query of their rows begins by naming the project."""

import ast
from pathlib import Path

from django.apps import apps

from tests.house.files import at, module_of, modules, place_of, tree_of

BEGINNINGS = {"in_project", "in_projects", "visible_to"}
# Writers name the project in the row; `none` reads nothing.
HARMLESS = {"create", "bulk_create", "none"}
MANAGERS = ("objects", "_default_manager", "_base_manager")
# What is of all projects, by the function it is in, and why.
ACROSS = {
    "adaptive_site.work.waiting.with_deltas": "the worker looks for projects with work",
    "adaptive_site.work.waiting.with_texts": "the worker looks for projects with work",
    "adaptive_site.work.waiting.with_old_lines": "the worker looks for projects with work",
    "interactions.services.bulk.purge._purge_old": "the worker purges what is old, whosever it is",
    "interactions.services.bulk.purge._purge_entries": "the worker purges what is old, whosever",
    "interactions.services.bulk.queue._take": "the worker takes what is next, whosever it is",
    "interactions.services.bulk.queue._note": "the worker says how what it took went",
    "interactions.services.datasets.bin.purge_some": "the worker purges what is old, whosever",
    "interactions.services.datasets.growing._due": "the worker takes what is next, whosever it is",
    "interactions.services.erasure.backups.ledger.kept": "records of all that was restored",
    "interactions.services.erasure.folders.uploads_of": "of the project or of none",
    "interactions.services.jobs.across_projects.bulk_actions_by_state": "the operator's, of all",
    "interactions.services.jobs.across_projects.jobs_by_state": "the operator's, of all projects",
    "interactions.services.jobs.across_projects.named": "the operator's, of all projects",
    "interactions.services.jobs.across_projects.page": "the operator's, of all projects",
    "interactions.services.jobs.across_projects.unfinished_bulk_actions": "the operator's, of all",
    "interactions.services.jobs.across_projects.unfinished_jobs": "the operator's, of all projects",
    "interactions.services.jobs.queue._take": "the worker takes what is next, whosever it is",
    "interactions.services.jobs.queue._note": "the worker says how what it took went",
    "interactions.services.uploads.parts._uploads_of": "a user's uploads, of any project",
    "interactions.services.uploads.parts.is_there": "the worker drops what belongs to no upload",
    "interactions.services.uploads.parts.expire_some": "the worker drops what is old, whosever",
    "projects.services.auditing.listing._matching": "administrators read the whole server's log",
    "projects.services.auditing.sealing.unsealed": "the seals are over the whole server's log",
    "projects.services.membership.invitations.accept_all": "what an address is invited to",
    "projects.services.membership.invitations.every_pending": "administrators see all",
    "projects.services.membership.invitations.of_secret": "a link names no project",
    "projects.services.membership.invitations._locked": "the invitation that was found",
    "projects.services.membership.invitations._check_rate": "what a person made, wherever",
    "projects.services.auditing.erasing.digests": "the log is verified as a whole",
    "projects.services.llms.offer_echo": "the operator takes the echo out of all projects",
    "projects.services.metrics.known": "the key of a metric by the id of another project's",
}


def project_models() -> dict[str, str]:
    """The models whose rows belong to a project each, and their tables."""
    return {
        model.__name__: model._meta.db_table
        for model in apps.get_models()
        if any(field.name == "project" for field in model._meta.fields)
    }


def unscoped(path: Path) -> list[tuple[ast.AST, str]]:
    """Each query of a file on rows of projects that does not begin by naming the project."""
    tree, models = tree_of(path), project_models()
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: list[tuple[ast.AST, str]] = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in MANAGERS):
            continue
        model = ast.unparse(node.value).rpartition(".")[2]
        method = parents[node]
        name = method.attr if isinstance(method, ast.Attribute) else ""
        call = parents.get(method)
        keywords = {word.arg for word in call.keywords} if isinstance(call, ast.Call) else set()
        begins = name in BEGINNINGS | HARMLESS or keywords & {"project", "project_id"}
        if model in models and not begins:
            found.append((node, f"{model}.objects.{name}"))
    return found


def test_every_query_set_begins_in_a_project() -> None:
    seen, faults = set(), []
    for path in modules():
        if ".models" in module_of(path):
            continue
        for node, query in unscoped(path):
            where = place_of(path, node)
            seen.add(where)
            if where not in ACROSS:
                faults.append(f"{at(path, node)}: {query} in {where}")
    assert not faults, "\n".join(faults)
    assert not ACROSS.keys() - seen, "these name the project now"


def test_the_models_of_projects_are_found() -> None:
    assert project_models().items() >= {
        ("Interaction", "interaction"),
        ("Label", "label"),
        ("Metric", "projects_metric"),
    }


def test_the_law_is_seen_to_be_broken(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        "a = models.Interaction.objects.filter(id=id)\n"
        "b = Label.objects\n"
        "c = Feedback.objects.in_project(p)\n"
        "d = Feedback.objects.filter(project=p)\n"
        "e = User.objects.all()\n"
    )
    assert {query for _, query in unscoped(bad)} == {"Interaction.objects.filter", "Label.objects."}
