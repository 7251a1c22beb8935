"""Patterns of official codes that admit only those that exist or existed since 2009: what columns of codes are checked
against. Which of them are in force at a date is the gazetteer's to say."""

from __future__ import annotations

DEPARTEMENT = r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-46]"
"""Départements of metropolitan France, Guadeloupe, Martinique, Guyane, La Réunion, Mayotte."""
TERRITOIRE = r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]"
"""The same and the collectivities of overseas that have communes: Saint-Pierre-et-Miquelon, Saint-Barthélemy…"""
REGION = r"0[1-46]|11|2[1-8]|3[12]|4[1-4]|5[2-4]|7[2-6]|8[2-4]|9[134]"
"""Regions before and after 2016."""
COMMUNE = r"(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}|97[1-8][0-9]{2}"
