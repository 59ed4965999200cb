"""What a person sees and hears: words, lines, the live view, notifications, the preview.

In: a `Tick` for each turn. Out: text, signs, windows, commands that were pressed. May import:
`watch`, `log`, `posture`, `pose`, `values`, `base`; `words` is the one catalogue of sentences.
"""
