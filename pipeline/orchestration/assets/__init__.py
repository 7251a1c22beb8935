"""The four stages of a document, one module each: raw, staged, datasets, warehouse.

Dagster reads the annotations of an asset when it is defined: these modules keep them as objects, not as text.
"""
