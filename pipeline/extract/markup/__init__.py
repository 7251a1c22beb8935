"""What XML and HTML readings share: decoding, a scanner of tags that knows offsets, texts, tables, named gaps.

Nothing here knows the elements of one dialect (see `extract.xml`, `extract.html`), a dataset or a file system.
"""
