"""What is wrong in a Bicep file, and where."""

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class BicepFault:
    """A fault; `line` counts from one."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return it as compilers print faults, so that editors find the line."""
        return f"{self.path}:{self.line}: {self.text}"


@dataclass
class FaultsOfFile:
    """Collects the faults of one file, each once."""

    path: str
    found: set[BicepFault] = field(default_factory=set)

    def add(self, line: int, text: str) -> None:
        """Add a fault."""
        self.found.add(BicepFault(self.path, line, text))
