"""What each command does, a module a verb, and the config file that all of them read.

In: settings and the user's words as values. Out: work done, text for the terminal. May import:
everything but `cli`.
"""
