"""How many of something several may have together."""


class Quota:
    """`taken` of `limit` are in use."""

    __slots__ = ("limit", "taken")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    def take(self) -> bool:
        """One more. False where there is none left."""
        if self.taken >= self.limit:
            return False
        self.taken += 1
        return True

    def give(self, count: int = 1) -> None:
        """So many are free again."""
        self.taken -= count
