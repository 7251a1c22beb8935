"""Readers that do what a hostile file makes a library do. Imported by confined children."""

from __future__ import annotations

import os
import resource
import time

from pipeline.extract.model import ExtractError, Paragraph, Reading, Source


def abort(_: bytes) -> Reading:
    os.abort()


def compute_for_ever(_: bytes) -> Reading:
    while True:
        pass


def sleep_for_long(_: bytes) -> Reading:
    time.sleep(600)
    return Reading(())


def take_memory(_: bytes) -> Reading:
    bytearray(8 << 30)
    return Reading(())


def misunderstand(_: bytes) -> Reading:
    raise IndexError("no such cell")


def refuse(_: bytes) -> Reading:
    raise ExtractError("vide", "le reprendre", Source(line=3))


def limits_in_force(_: bytes) -> Reading:
    held = (resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in ("AS", "CORE", "CPU"))
    return Reading((Paragraph(" ".join(map(str, held)), Source(line=1)),))
