"""Pages are made by Jinja2; Django's own engine makes the admin console."""
