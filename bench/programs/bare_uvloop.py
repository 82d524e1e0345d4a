"""The bare handler on uvloop, which Latchkey runs on too."""

from bench.programs import bare
from composition.event_loop import new_event_loop

if __name__ == "__main__":
    bare.main(new_event_loop())
