"""URL configurations of sites that break P11, one way each."""

from dataclasses import dataclass

from django.urls import URLPattern, path

from tests.upheld.promises.cookies import site


@dataclass(frozen=True, eq=False)
class Site:
    """What Django takes in the place of a module of addresses."""

    urlpatterns: list[URLPattern]


foreign = Site([path("", site.with_foreign_picture, name="window")])
foreign_type = Site([path("", site.with_foreign_type, name="window")])
told_apart = Site([path("", site.greeting, name="window")])
none_public = Site([path("cart/", site.cart, name="cart")])
with_cookie = Site([path("", site.with_cookie, name="window")])
