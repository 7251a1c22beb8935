"""Makers of PDF that are not ours, and documents for them to set.

`content` draws tables by lot, `document` what stands around them and how they are set; `html`, `office`, `tex` and
`platypus` set those documents. `chromium` and `groff` have styles of their own for tables without rules.
"""
