"""A state machine that runs people, time, faults and crashes against Latchkey, in any order."""
