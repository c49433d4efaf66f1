"""Python's collector of cycles, beside work that makes hundreds of thousands of objects."""

import gc


def spare_the_collector() -> None:
    """Lets it look seldom: a batch has no cycles, and each look takes longer than making it did."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)
