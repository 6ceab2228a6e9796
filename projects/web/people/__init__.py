"""Pages about people: of a project, of a team, of the site."""
