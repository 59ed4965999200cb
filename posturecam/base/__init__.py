"""What every other package may use: errors, clocks, durations, files, texts that are safe to print.

In: nothing of the program. Out: small functions and values. May import: nothing of the program.
"""
