"""What the system says and does: locked screen, do not disturb, microphone, battery, login.

In: nothing of the program but its command. Out: states of the desktop. May import: `alerts` for
what they mean, `values`, `base`.
"""
