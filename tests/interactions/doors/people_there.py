"""Who is in a project beside its owner, who is invited, and a team of several projects."""

from projects.models import Project, User
from projects.services import people, user_admin
from projects.services import projects as projects_service
from projects.services.access import AUDIT, Caller
from projects.services.keys import service_accounts
from projects.services.keys.scopes import KeyScope
from projects.services.membership import invitations, project_people
from projects.services.membership.invitations import InvitedTo
from projects.services.signing_in import passwords
from tests import make


def people_of(project: Project, owner: User) -> dict[str, str]:
    """A viewer of the project alone, a service account, a team, invitations, and a role."""
    key, caller, viewer = project.key, Caller(owner), people.role("viewer")
    person, member = (make.make_user(f"{key}-{name}") for name in ("person", "member"))
    project_people.put(project, person, viewer)
    service_accounts.make(caller, project, name="Robot", role=viewer, scope=KeyScope())
    account = User.objects.get(is_service_account=True, memberships__team__of_project=project)
    team = make.make_team(f"{key}-team", {owner: "owner", member: "viewer"})
    share = projects_service.share(project, team=team, role=viewer)
    to_project, secret = invitations.invite(
        caller, "you@example.org", InvitedTo(project, role=viewer)
    )
    to_team, _ = invitations.invite(caller, "we@example.org", InvitedTo(team=team, role=viewer))
    root = make.make_user(f"{key}-root", is_superuser=True)
    role = user_admin.add_role(Caller(root), name=f"Of {key}", permissions=[AUDIT])
    password_user, password_token = passwords.link_for(person)
    return {
        "person": str(person.uuid),
        "account": str(account.uuid),
        "team": team.key,
        "team_member": str(member.uuid),
        "team_share": str(share.id),
        "invitation": str(to_project.id),
        "invitation_secret": secret,
        "team_invitation": str(to_team.id),
        "role": role.key,
        "password_user": password_user,
        "password_token": password_token,
    }
