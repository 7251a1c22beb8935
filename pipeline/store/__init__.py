"""The system of record: what was accepted, where it is kept, and who may write it."""
