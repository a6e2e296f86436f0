"""The engine's own frame round its pages: these tests know no store."""

import copy
from pathlib import Path

import pytest
from pytest_django import Settings

import upheld


@pytest.fixture(autouse=True)
def _engine_alone(request: pytest.FixtureRequest, settings: Settings) -> None:
    """The store's templates and context are left out, except where its database is asked for."""
    if request.node.get_closest_marker("django_db"):
        return
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = sorted(Path(upheld.__file__).parent.rglob("templates"))
    templates[0]["APP_DIRS"] = False
    templates[0]["OPTIONS"] = {}
    settings.TEMPLATES = templates
