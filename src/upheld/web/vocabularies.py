"""The policy in forms that other programs read."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.policy.dpv import policy_as_dpv
from upheld.policy.fides import as_yaml, policy_as_fides
from upheld.web.public import public


def address() -> str:
    """The policy's own."""
    return f"{settings.UPHELD_ORIGIN}{reverse('upheld:policy')}"


@public(seconds=60)
@require_safe
def policy_jsonld(request: HttpRequest) -> HttpResponse:
    """Linked data in the Data Privacy Vocabulary."""
    document = policy_as_dpv(current(), address())
    return JsonResponse(
        document, content_type="application/ld+json", json_dumps_params={"ensure_ascii": False}
    )


@public(seconds=60)
@require_safe
def fides_yml(request: HttpRequest) -> HttpResponse:
    """A manifest for the Fides tools."""
    text = as_yaml(policy_as_fides(current()))
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")
