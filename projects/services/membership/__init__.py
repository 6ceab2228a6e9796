"""Who is in a project or a team: invited, changed, removed."""
