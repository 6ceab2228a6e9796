"""Events in words: what was done, and to what."""

from collections.abc import Mapping
from typing import Any

# What each verb says; `docs/audit.md` tells when it is written. A test holds that all stand here.
VERBS: Mapping[str, str] = {
    "ahead.fetched": "was sent ahead, perhaps not looked at",
    "audit.erased": "erased details of the audit log",
    "audit.exported": "exported the audit log",
    "bulk_action.delete": "deleted many",
    "bulk_action.done": "was done with a bulk action",
    "bulk_action.feedback": "gave feedback to many",
    "bulk_action.label": "labelled many",
    "bulk_action.undoing_done": "was done with undoing a bulk action",
    "bulk_action.undone": "undid a bulk action",
    "bulk_action.unlabel": "removed a label from many",
    "bulk_action.withdraw": "withdrew feedback from many",
    "comparison.given": "compared two answers",
    "comparison.withdrawn": "withdrew a comparison",
    "console.added": "added in the admin console",
    "console.changed": "changed in the admin console",
    "console.deleted": "deleted in the admin console",
    "dataset.added": "added records to a dataset",
    "dataset.batch_redone": "added records of a dataset again",
    "dataset.batch_undone": "took records of a dataset back",
    "dataset.cancelled": "cancelled a dataset",
    "dataset.created": "made a dataset",
    "dataset.deleted": "deleted a dataset",
    "dataset.downloaded": "downloaded a dataset",
    "dataset.exported": "exported a dataset",
    "dataset.grew": "had a dataset grow",
    "dataset.growth_changed": "changed how a dataset grows",
    "dataset.growth_started": "had a dataset grow from now on",
    "dataset.growth_stopped": "stopped a dataset’s growth",
    "dataset.items_corrected": "corrected records",
    "dataset.items_removed": "removed records",
    "dataset.items_reviewed": "reviewed records",
    "dataset.items_split": "moved records to another split",
    "dataset.logged": "logged a dataset as interactions",
    "dataset.record_read": "read a record",
    "dataset.renamed": "renamed a dataset",
    "dataset.restored": "restored a dataset",
    "dataset.version": "made a version of a dataset",
    "export.downloaded": "downloaded a file",
    "feedback.given": "gave feedback",
    "feedback.restored": "put feedback back",
    "feedback.withdrawn": "withdrew feedback",
    "hold.lifted": "lifted a legal hold",
    "hold.placed": "placed a legal hold",
    "image.read": "opened an image",
    "interaction.deleted": "deleted an interaction",
    "interaction.read": "read",
    "interactions.erased": "erased interactions for good",
    "interactions.erasure": "began to erase interactions for good",
    "interactions.erasure_again": "had erasures repeated after a restore",
    "interactions.erasure_cancelled": "cancelled an erasure",
    "interactions.expired": "deleted what is too old",
    "interactions.imported": "imported interactions",
    "interactions.masked": "masked words for good",
    "interactions.masking": "began to mask words for good",
    "invitation.accepted": "accepted an invitation",
    "invitation.made": "invited somebody",
    "invitation.renewed": "renewed an invitation",
    "invitation.revoked": "took an invitation back",
    "key.all_revoked": "revoked all keys of a person",
    "key.let_in": "let a key into the project",
    "key.made": "made an API key",
    "key.refused": "came with a wrong API key",
    "key.revoked": "revoked an API key",
    "key.shut_out": "shut a key out of the project",
    "label.removed": "removed a label",
    "label.set": "set a label",
    "metadata.set": "set the metadata",
    "metric.created": "made a metric",
    "metric.edited": "changed a metric",
    "metric.linked": "linked a metric",
    "metric.unlinked": "unlinked a metric",
    "model.attached": "attached a model",
    "model.changed": "changed how a model is asked",
    "model.default": "chose the default model",
    "model.detached": "detached a model",
    "model.disabled": "disabled a model for the whole site",
    "model.enabled": "enabled a model again",
    "model.online": "put a model online or off line",
    "model.priced": "set a model’s prices",
    "model.registered": "registered a model",
    "model.shared": "shared a model",
    "project.archived": "archived the project",
    "project.created": "made a project",
    "project.deleted": "deleted the project",
    "project.left": "left the project",
    "project.masking_set": "set what is masked",
    "project.person_removed": "removed somebody from the project",
    "project.primary_metric_set": "chose the primary metric",
    "project.renamed": "renamed the project",
    "project.restored": "restored the project",
    "project.retention_set": "set how long is kept",
    "project.role_set": "gave somebody a role",
    "project.shared": "shared the project",
    "project.team_set": "set the role of a team",
    "request.keyed": "sent a request that may be repeated",
    "role.added": "made a role",
    "role.changed": "changed a role",
    "role.removed": "removed a role",
    "search.made": "searched",
    "selection.downloaded": "downloaded interactions",
    "selection.exported": "exported interactions",
    "sign_in.ended": "logged out",
    "sign_in.made": "logged in",
    "sign_in.made_to_wait": "tried to log in too often",
    "sign_in.refused": "failed to log in",
    "team.added": "made a team",
    "team.joined": "put somebody into a team",
    "team.left": "took somebody out of a team",
    "team.removed": "removed a team",
    "team.renamed": "renamed a team",
    "upload.begun": "began an upload",
    "user.activated": "let a person in again",
    "user.added": "added a person",
    "user.administrator_set": "set who is administrator",
    "user.deactivated": "shut a person out",
    "user.identity_linked": "was linked with the provider",
    "user.identity_unlinked": "unlinked a person from the provider",
    "user.made_by_provider": "came by the provider and got an account",
    "user.password_changed": "changed the password",
    "user.password_link_made": "made a link for a new password",
    "user.password_reset": "set a new password by a link",
    "user.recovery_code_used": "used up a recovery code",
    "user.removed": "removed a person",
    "user.second_factor_off": "turned the second step of the login off",
    "user.second_factor_on": "turned on a second step of the login",
    "user.second_factor_removed": "took a person's second step away",
    "user.signed_out": "signed out everywhere",
    "view.change": "changed a shared view",
    "view.default": "chose the default view",
    "view.delete": "deleted a shared view",
    "view.save": "shared a view",
}
# What a chip filters by: the noun of a verb.
NOUNS: Mapping[str, str] = {
    "interaction": "Interactions read or deleted",
    "search": "Searches",
    "feedback": "Feedback",
    "label": "Labels",
    "comparison": "Comparisons",
    "bulk_action": "Bulk actions",
    "dataset": "Datasets",
    "selection": "Exports of interactions",
    "export": "Files downloaded",
    "image": "Images",
    "interactions": "Imports and retention",
    "hold": "Legal holds",
    "upload": "Uploads",
    "view": "Saved views",
    "metadata": "Metadata",
    "metric": "Metrics",
    "model": "Models",
    "project": "Project and sharing",
    "key": "API keys",
    "request": "Repeatable requests",
    "sign_in": "Signing in",
    "user": "People",
    "team": "Teams",
    "invitation": "Invitations",
    "role": "Roles",
    "console": "Admin console",
    "audit": "Audit log",
    "ahead": "Sent ahead",
}
# The nouns of what happens outside of projects, alone.
OF_SERVER = frozenset(("sign_in", "user", "team", "role"))
# Pages by the names of their addresses.
PAGES: Mapping[str, str] = {
    "": "",
    "api-completion": "as a stored completion",
    "api-completion-messages": "as a stored completion",
    "api-graphql": "",
    "completions": "",
    "feedback": "in Feedback",
    "groups": "in Groups",
    "groups-compare": "in two groups compared",
    "images": "in Images",
    "interaction": "on its page",
    "interaction-raw": "as JSON",
    "interaction-text": "as plain text",
    "interactions": "beside the list",
    "pairs": "in Pairs",
    "review": "in Review",
    "session": "in a session",
    "sessions": "in Sessions",
    "siblings": "side by side",
}
_HIDDEN = frozenset(("query", "said", "more", "id", "page", "filter", "change"))
_LONGEST_VALUE = 200


def words_of(verb: str) -> str:
    """What was done; of a verb we have no words for, the verb itself."""
    return VERBS.get(verb, verb.replace(".", ": ").replace("_", " "))


def noun_of(noun: str) -> str:
    """The name of a group of verbs."""
    return NOUNS.get(noun, noun.replace("_", " ").capitalize())


def details_of(verb: str, details: Mapping[str, Any]) -> str:
    """What else an event says, in a line."""
    page = str(details.get("page", ""))
    if verb == "search.made":
        where = "" if page == "interactions" else PAGES.get(page, page)
        return f"{details.get('filter', '')} {where}".strip()
    said = [] if not page else [PAGES.get(page, page)]
    if fields := _changed_fields(details.get("change")):
        said.append(fields)
    said += [
        f"{name.replace('_', ' ')}: {_value(value)}"
        for name, value in details.items()
        if name not in _HIDDEN and value not in (None, "", [], {})
    ]
    return " · ".join(filter(None, said))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _changed_fields(change: Any) -> str:
    """The fields that the admin console has changed."""
    parts = [one for one in change if isinstance(one, dict)] if isinstance(change, list) else []
    names = [
        str(name)
        for part in parts
        for what in part.values()
        if isinstance(what, dict)
        for name in what.get("fields") or [what.get("name", "")]
    ]
    return ", ".join(filter(None, names))
