"""How good was it? Who spoke how much, and what changed."""

from __future__ import annotations

from isegoria.evaluation.differencing import tells_of_few
from isegoria.evaluation.measures import Change, gini, opinion_change, share_gaps
from isegoria.evaluation.reading import ReadingEase, reading_ease
from isegoria.evaluation.small_cells import protect, protect_list
from isegoria.evaluation.speaking import GroupSpoken, Speaker, Spoken, spoken_by_features, spoken_by_group

__all__ = [
    "Change",
    "GroupSpoken",
    "ReadingEase",
    "Speaker",
    "Spoken",
    "gini",
    "opinion_change",
    "protect",
    "protect_list",
    "reading_ease",
    "share_gaps",
    "spoken_by_features",
    "spoken_by_group",
    "tells_of_few",
]
