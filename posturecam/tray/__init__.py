"""The icon in the tray and what belongs to it: a process of its own beside the watch.

In: what a running watch says of itself over its channel, clicks. Out: an icon, a menu, windows,
commands to the watch. May import: everything but `cli`; alone in the program it imports Qt.
"""
