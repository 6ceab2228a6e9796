"""What each page needs: one line a route and method, by the route's name."""

from typing import Any

from projects.services.access import (
    AUDIT,
    CREATE,
    DELETE,
    EDIT_DATASETS,
    EXPORT,
    GIVE_FEEDBACK,
    LABEL,
    MANAGE,
    READ,
)
from tests.interactions.doors.door import (
    ACCOUNT,
    ADMINISTRATOR,
    LOGIN,
    MISSING,
    NEW_PROJECTS,
    PUBLIC,
    Door,
    get,
    post,
)

# Pages that need nothing but their address, and only read.
_READ = (
    "interactions interactions-count interactions-feedback-counts interactions-percentiles"
    " interactions-histogram interactions-facets interactions-calendar"
    " add-filter view-menu column-menu query-syntax interactions-complete interactions-empty"
    " interactions-why interactions-models pairs review groups groups-compare groups-open feedback"
    " images image-page first-interaction views view models selection bulk-actions"
    " datasets dataset dataset-record-of dataset-item dataset-item-json dataset-figures"
    " dataset-versions dataset-lineage dataset-review jobs interaction interaction-text"
    " interaction-system interaction-history siblings sessions session"
    " connect interactions-new"
)
_FORM: dict[str, Any] = {"metric": "helpful", "value": "1"}
_FOR_ALL: dict[str, Any] = {"for": "project"}
_BULK: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("label", LABEL, {"key": "a", "value": "b"}),
    ("unlabel", LABEL, {"key": "env"}),
    ("feedback", GIVE_FEEDBACK, _FORM),
    ("withdraw", GIVE_FEEDBACK, {"metric": "helpful"}),
    ("delete", DELETE, {}),
)
_NEW_PASSWORD = Door("POST", PUBLIC, data={"password": "correct horse stable"}, let_in=LOGIN)
_CODE_ALONE = Door("POST", PUBLIC, data={"code": "123456"}, let_in=LOGIN)
PAGES: dict[str, list[Door]] = {
    **{name: [get(READ)] for name in _READ.split()},
    "interactions-facet": [get(READ, query="of=model")],
    # of the site
    "healthz": [get(PUBLIC)],
    "api-document": [get(PUBLIC)],
    "favicon.ico": [get(PUBLIC)],
    "design": [get(MISSING)],
    "console": [get(ADMINISTRATOR)],
    "projects": [get(ACCOUNT)],
    "login": [get(PUBLIC), post(PUBLIC)],
    "logout": [],
    "password_change": [get(ACCOUNT), post(ACCOUNT)],
    "password_change_done": [get(ACCOUNT)],
    "keys": [get(ACCOUNT)],
    "theme": [post(PUBLIC, theme="dark")],
    "time_zone": [post(ACCOUNT, zone="Europe/Paris")],
    "go": [get(ACCOUNT, query="q=x")],
    "tour": [post(ACCOUNT)],
    # of a project
    "make-key": [post(READ, name="x")],
    "revoke-key": [post(READ, is_own=True)],
    "first-key": [get(CREATE), post(CREATE)],
    "projects/<slug:key>/metrics/": [get(READ)],
    "register-model": [post(MANAGE)],
    "attach-model": [post(MANAGE, model="echo")],
    "detach-model": [post(MANAGE)],
    "default-model": [post(MANAGE)],
    "online-model": [post(MANAGE)],
    "model-prices": [get(MANAGE), post(MANAGE)],
    "share-model": [Door("POST", READ, is_own=True, is_the_users=True)],
    "create-metric": [post(MANAGE)],
    "metric": [get(MANAGE), post(MANAGE)],
    "link-metric": [post(MANAGE)],
    "settings": [get(READ)],
    "retention": [get(READ), post(MANAGE)],
    "place-hold": [post(MANAGE, label="hold:case-18")],
    "lift-hold": [post(MANAGE)],
    "masking": [get(READ), post(MANAGE)],
    "erasure": [get(DELETE)],
    "primary-metric": [post(MANAGE, metric="helpful")],
    # views of the list
    "display": [post(READ)],
    "density": [post(READ, density="compact")],
    "save-view": [
        post(READ, name="mine", query=""),
        post(LABEL, name="ours", query="", is_shared="1"),
    ],
    "begin-with-view": [
        post(READ, view="{view}"),
        post(MANAGE, view="{view}", **_FOR_ALL),
    ],
    "update-view": [post(MANAGE, query="label=env")],
    "change-view": [post(MANAGE, name="other")],
    "delete-view": [post(MANAGE)],
    # feedback and labels
    "feedback-section": [get(READ, is_htmx=True)],
    "turn-feedback": [get(READ, is_htmx=True)],
    "pairs-prefer": [post(GIVE_FEEDBACK, answer="left", metric="helpful")],
    "pairs-undo": [post(GIVE_FEEDBACK)],
    "review-give": [post(GIVE_FEEDBACK, interaction="{interaction}", **_FORM)],
    "review-undo": [post(GIVE_FEEDBACK)],
    "give-feedback": [post(GIVE_FEEDBACK, **_FORM)],
    "give-feedback-by-key": [post(GIVE_FEEDBACK, key="1")],
    "withdraw-feedback": [post(MANAGE)],
    "label": [post(LABEL, key="a", value="b")],
    "unlabel": [post(LABEL, key="env", value="{secret}")],
    # selections and what is done to them
    "selections": [post(READ, id="{interaction}"), post(READ, of="all", query="label=env")],
    "selection-narrow": [post(READ, id="{interaction}")],
    "prepare-bulk-action": [
        one
        for kind, needed, data in _BULK
        for one in (get(needed, places={"kind": kind}), post(needed, places={"kind": kind}, **data))
    ],
    "bulk-action": [get(MANAGE, lacking=404)],
    "undo-bulk-action": [post(MANAGE, lacking=404)],
    "resume-bulk-action": [post(MANAGE, lacking=404)],
    "select-changed": [post(MANAGE, lacking=404)],
    "undo-last": [post(READ)],
    "projects/<slug:key>/acts/": [get(PUBLIC)],
    "projects/<slug:key>/acts/<uuid:uuid>/": [get(PUBLIC)],
    "groups-to-dataset": [post(EDIT_DATASETS, by="label:env", group="{secret}")],
    # files
    "selection-export": [get(EXPORT)],
    "make-selection-file": [post(EXPORT, kind="completion", format="jsonl")],
    "selection-download": [get(EXPORT)],
    "dataset-export": [get(EXPORT)],
    "make-dataset-file": [post(EXPORT, format="jsonl")],
    "dataset-download": [get(EXPORT, places={"format": "adaptive"})],
    "export-file": [get(EXPORT, is_own=True, is_managers_too=True)],
    "export-sha256": [get(EXPORT, is_own=True, is_managers_too=True)],
    # datasets
    "dataset-builder": [
        get(READ),
        get(READ, query="of={selection}"),
        post(EDIT_DATASETS, of="{selection}", do="make", name="new"),
    ],
    "restore-dataset": [post(EDIT_DATASETS)],
    "change-dataset-records": [post(EDIT_DATASETS, action="approve", item="{item}")],
    "correct-dataset-record": [post(EDIT_DATASETS, item="{item}", text="better")],
    "undo-dataset-change": [post(EDIT_DATASETS)],
    "make-dataset-version": [post(EDIT_DATASETS)],
    "dataset-version-diff": [get(READ, query="a=0&b=1")],
    "undo-dataset-batch": [post(EDIT_DATASETS)],
    "redo-dataset-batch": [post(EDIT_DATASETS)],
    "dataset-settings": [get(READ), post(EDIT_DATASETS, name="n", key="n")],
    "log-dataset": [post(EDIT_DATASETS)],
    "grow-dataset": [post(EDIT_DATASETS, query="label:env")],
    "delete-dataset": [post(EDIT_DATASETS, typed="{dataset_name}")],
    "dataset-review-decide": [post(EDIT_DATASETS, item="{item}", verdict="approve")],
    "dataset-review-undo": [post(EDIT_DATASETS)],
    # jobs, imports, uploads
    "job": [get(MANAGE, lacking=404)],
    "cancel-job": [post(MANAGE, lacking=404)],
    "retry-job": [post(MANAGE, lacking=404)],
    "import": [get(CREATE)],
    "import-file": [get(CREATE, is_own=True)],
    "begin-import": [post(CREATE, is_own=True)],
    "discard-import": [post(CREATE, is_own=True)],
    "import-after-dry-run": [post(CREATE, is_own=True)],
    "import-refused": [get(CREATE, is_own=True, is_managers_too=True)],
    "begin-upload": [post(CREATE, name="a.jsonl", size="9", total_parts_count="1")],
    "upload": [get(CREATE, is_own=True)],
    "upload-part": [post(CREATE, is_own=True)],
    "abort-upload": [post(CREATE, is_own=True)],
    # people, keys, the audit log
    "own_keys": [get(ACCOUNT)],
    "revoke-own-key": [post(READ, is_own=True)],
    "second-factor": [get(ACCOUNT)],
    "console-people": [get(ADMINISTRATOR)],
    "console-roles": [get(ADMINISTRATOR)],
    "console-teams": [get(ADMINISTRATOR)],
    "console-keys": [get(ADMINISTRATOR)],
    "console-revoke-keys": [post(ADMINISTRATOR, one="revoke 0")],
    "console-models": [get(ADMINISTRATOR)],
    "console-model": [get(ADMINISTRATOR), post(ADMINISTRATOR)],
    "console-disable-model": [post(ADMINISTRATOR, is_disabled="0")],
    "console-try-model": [post(ADMINISTRATOR)],
    "console-work": [get(ADMINISTRATOR)],
    "console-act-on-work": [post(ADMINISTRATOR, one="retry job:{import_job}")],
    "console-work-progress": [get(ADMINISTRATOR, query="of=job:{import_job}")],
    "server-audit": [get(ADMINISTRATOR)],
    "server-audit-export": [get(ADMINISTRATOR)],
    "change-user": [
        post(ADMINISTRATOR, places={"id": "{person}"}, do=do)
        for do in ("link", "deactivate", "promote", "sign-out", "second-factor")
    ],
    "revoke-any-invitation": [post(ADMINISTRATOR)],
    "console-role": [get(ADMINISTRATOR), post(ADMINISTRATOR, name="R", permissions=[AUDIT])],
    "remove-role": [post(ADMINISTRATOR)],
    # a way in, and one's own account
    "invitation": [get(PUBLIC), post(PUBLIC)],
    "forgotten_password": [get(PUBLIC), post(PUBLIC, email="olive@example.org")],
    "new_password": [get(PUBLIC), _NEW_PASSWORD],
    "sign_out_everywhere": [post(ACCOUNT)],
    "second-factor-login": [get(PUBLIC, let_in=LOGIN), _CODE_ALONE],
    "second-factor-on": [post(ACCOUNT)],
    "second-factor-off": [post(ACCOUNT, code="123456")],
    "second-factor-picture": [get(ACCOUNT, let_in=404)],
    # a team of several projects: seen in each of them, changed by who manages it
    "team": [get(READ)],
    "rename-team": [post(MANAGE, name="Other"), post(MANAGE, remove="1")],
    "invite-to-team": [post(MANAGE, email="new@example.org", role="viewer", days="7")],
    "revoke-team-invitation": [post(MANAGE)],
    "seat": [post(MANAGE, role="owner"), post(MANAGE, remove="1")],
    "people": [get(READ)],
    "invite": [post(MANAGE, email="new@example.org", role="owner", days="7")],
    "renew-invitation": [post(MANAGE)],
    "revoke-invitation": [post(MANAGE)],
    "set-person-role": [post(MANAGE, role="owner")],
    "remove-person": [post(MANAGE)],
    "set-team-role": [post(MANAGE, role="owner"), post(MANAGE, remove="1")],
    # Who is in no team of the project has nothing to leave.
    "leave-project": [post(READ, otherwise={"administrator": 404})],
    "shut-out-key": [post(MANAGE), post(MANAGE, open="1")],
    "renew-account-key": [post(MANAGE)],
    "remove-account": [post(MANAGE)],
    "new-project": [get(NEW_PROJECTS), post(NEW_PROJECTS, name="New")],
    "delete-project": [post(DELETE, name="{project_name}")],
    "interaction-seen-by": [get(AUDIT)],
    "project-keys": [get(MANAGE)],
    "make-account": [post(MANAGE)],
    "rename-project": [post(MANAGE, name="Other")],
    "archive-project": [post(MANAGE)],
    "audit": [get(AUDIT)],
    "audit-export": [get(AUDIT)],
    "dataset-facets": [get(READ)],
    "interactions-seen": [post(READ, id="{interaction}")],
}
