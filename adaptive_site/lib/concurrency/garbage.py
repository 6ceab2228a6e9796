"""What is loaded once and stays, kept out of the search for garbage."""

import gc


def settle() -> None:
    """Say that everything loaded by now stays.

    Looking through it held everyone up for 100 ms every few thousand requests, and would write to
    memory that forked processes share.
    """
    gc.collect()
    gc.freeze()
