"""Documents set by other programs than ours, with the tables they hold.

`content` draws tables by lot; `chromium` and `groff` typeset them. Readings are scored in `benchmarks.pdf.unruled`.
"""
