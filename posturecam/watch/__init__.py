"""The one loop, and what controls it.

In: frames, commands, the state of the desktop. Out: a `Tick` for each turn. May import: `alerts`,
`posture`, `capture`, `pose`, `values`, `base`; no output, no log: those are handed in as sinks.
"""
