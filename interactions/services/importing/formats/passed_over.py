"""What a record may turn out to be, other than an interaction."""


class PassedOver(Exception):
    """A record that is whole and right, but no answer of a model; the text says what it is."""
