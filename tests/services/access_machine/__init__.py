"""A machine that plays people, time, faults and crashes against Latchkey, in any order."""
