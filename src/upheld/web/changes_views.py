"""The versions of the policy, for people and for feed readers."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.promises.notice.models import PolicyVersion
from upheld.web import changes_page
from upheld.web.markdown import render_inline
from upheld.web.public import public

_FEED_ENTRIES_MAX = 30


class _Feed(Atom1Feed):
    """Django's says *now* while nothing was posted yet, and no two readers would see the same."""

    def latest_post_date(self) -> datetime:
        if self.items:
            return super().latest_post_date()
        return datetime.combine(current().effective, time(), UTC)


@public(seconds=60)
@require_safe
def show_changes(request: HttpRequest) -> HttpResponse:
    """Every version, the newest first, with what each changed."""
    policy = current()
    context = {
        "versions": changes_page.posted(policy.version, timezone.now()),
        "changes_words": render_inline(policy.changes),
    }
    return render(request, "web/changes.html", context)


@public(seconds=60)
@require_safe
def show_version(request: HttpRequest, n: int) -> HttpResponse:
    """One version as it was published."""
    row = PolicyVersion.objects.filter(version=min(n, 10**9)).defer("files").first()
    if row is None:
        raise Http404
    context = changes_page.version_page(row, current().version, timezone.now())
    return render(request, "web/version.html", context)


@public(seconds=60)
@require_safe
def changes_feed(request: HttpRequest) -> HttpResponse:
    """The same for feed readers. What becomes of a version later shows as an update of it."""
    policy, now, origin = current(), timezone.now(), settings.UPHELD_ORIGIN
    feed = _Feed(
        title=f"Changes to the privacy policy of {policy.controller.name}",
        link=origin + reverse("upheld:changes"),
        description="",
        feed_url=origin + reverse("upheld:changes_feed"),
        author_name=policy.controller.name,
    )
    for row in PolicyVersion.objects.posted()[:_FEED_ENTRIES_MAX]:
        address = origin + reverse("upheld:version", args=[row.version])
        moments = (row.published_at, row.approved_at, row.revoked_at, row.in_force_at)
        feed.add_item(
            title=f"Privacy policy, version {row.version}",
            link=address,
            unique_id=address,
            description=changes_page.summary_of(row, policy.version, now),
            pubdate=row.published_at,
            updateddate=max(moment for moment in moments if moment),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
