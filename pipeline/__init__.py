"""The annex tables of the Journal officiel as SQL that can be trusted."""

__version__ = "0.1.0"
