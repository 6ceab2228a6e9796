"""Every public method of the published clients, and what this server makes of it.

One table for all versions: a name is the method as a version spells it ("use_cases.list" is 0.12's
"projects.list", which later versions still answer to). Names are relative to the client object;
those of `adaptive_sdk.monitoring` begin with that module's name.
"""

import re
from enum import Enum

# Methods that work; each has a check in `drivers`, under its newest spelling.
WORKING_NAMES = """
    chat.create close embeddings.create
    datasets.delete datasets.download datasets.get datasets.list datasets.upload
    feedback.get_key feedback.link feedback.list_keys feedback.log_metric feedback.log_preference
    feedback.register_key feedback.unlink
    interactions.create interactions.get interactions.list
    models.add_external models.add_to_project models.add_to_use_case models.attach models.deploy
    models.detach models.get models.list models.terminate models.update
    models.update_compute_config
    permissions.list
    projects.create projects.get projects.list projects.share projects.unshare
    roles.create roles.list
    set_default_project set_default_use_case
    teams.create teams.list
    use_cases.create use_cases.get use_cases.list use_cases.share use_cases.unshare
    users.add_to_team users.create users.create_service_account users.delete users.list users.me
    users.remove_from_team
    """
WORKING = frozenset(WORKING_NAMES.split())

# The choice of a project, and a table put together, inside the client: no request is ever made.
INSIDE_THE_CLIENT = re.compile(
    r"(?:\w+\.)+(?:optional_)?(?:project|use_case)_key|monitoring\.Table\.\w+"
)


def unsupported(root: str) -> str:
    """The pattern of the refusal of one GraphQL root field."""
    return rf"Not supported by this server: {root}\b"


NONE, NOTHING_LISTED = r"None\Z", r"\[\]\Z"
NO_AB_TESTS = "A/B tests are not supported yet"
CREATING_A_GRADER = unsupported("createGrader")
NO_RUN = r"never called: without `init` there is no run"

# Methods beyond what this server does; a pattern of the answer, or of "Type of error: its text".
BEYOND: dict[str, str] = {
    "ab_tests.cancel": NO_AB_TESTS,
    "ab_tests.create": NO_AB_TESTS,
    "ab_tests.get": NONE,
    "ab_tests.list": NOTHING_LISTED,
    "artifacts.download": r"HTTPStatusError: .*404",
    "compute_pools.list": NOTHING_LISTED,
    "compute_pools.resize_inference_partition": (
        # 0.13 and older look the pool up first.
        unsupported("resizeInferencePartition") + r"|ValueError: Compute pool .* not found"
    ),
    "graders.create.binary_judge": CREATING_A_GRADER,
    "graders.create.custom": CREATING_A_GRADER,
    "graders.create.external_endpoint": CREATING_A_GRADER,
    "graders.create.function": unsupported("validateFunctionGrader"),
    "graders.create.prebuilt_judge": CREATING_A_GRADER,
    "graders.delete": unsupported("deleteGrader"),
    "graders.get": unsupported("grader"),  # no version takes null for one
    "graders.list": NOTHING_LISTED,
    "graders.lock": unsupported("lockGrader"),
    "graders.test_external_endpoint": unsupported("testRemoteEnv"),
    "integrations.create": unsupported("createIntegration"),
    "integrations.delete": unsupported("deleteIntegration"),
    "integrations.get": NONE,
    "integrations.get_provider": NONE,
    "integrations.list": NOTHING_LISTED,
    "integrations.list_providers": NOTHING_LISTED,
    "integrations.test_notification": unsupported("testNotification"),
    # It is looked up first.
    "integrations.update": r"AdaptiveEntityNotFoundError: Integration does not exist",
    "jobs.cancel": unsupported("cancelJob"),
    "jobs.delete": unsupported("deleteJob"),
    "jobs.get": NONE,
    "jobs.list": r"(?s)'nodes': \[\],.*'has_next_page': False,.*'total_count': 0",
    "jobs.rename": unsupported("updateJob"),
    "jobs.run": unsupported("createJob"),
    "models.add_hf_model": unsupported("importHfModel"),
    "monitoring.Run.finish": NO_RUN,
    "monitoring.Run.log": NO_RUN,
    "monitoring.Run.log_categorical": NO_RUN,
    "monitoring.Run.log_table": NO_RUN,
    "monitoring.init": r"RuntimeError: ",
    "recipes.delete": unsupported("deleteCustomRecipe"),
    "recipes.generate_sample_input": r"\w+: ",
    "recipes.get": NONE,
    "recipes.list": NOTHING_LISTED,
    "recipes.update": unsupported("updateCustomRecipe"),
    "recipes.upload": unsupported("createCustomRecipe"),
    "recipes.upsert": unsupported("createCustomRecipe"),
}


class Verdict(Enum):
    """What becomes of a method."""

    WORKS = "works"
    BEYOND = "refused or empty, as documented"
    LOCAL = "inside the client"


def verdict(name: str) -> Verdict | None:
    """What the table says of a method; None if it does not know it."""
    if name in WORKING:
        return Verdict.WORKS
    if name in BEYOND:
        return Verdict.BEYOND
    return Verdict.LOCAL if INSIDE_THE_CLIENT.fullmatch(name) else None
