"""Parts of `reroll`: how equal steps are found in a Graph and written as a loop."""

__all__: list[str] = []
