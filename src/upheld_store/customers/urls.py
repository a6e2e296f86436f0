"""Route names are allauth's where allauth asks for them."""

from allauth.account.views import reauthenticate
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from upheld_store.customers import views
from upheld_store.customers.second_step import SecondStep

urlpatterns = [
    path("account/register/", views.register, name="account_signup"),
    path("account/login/", views.sign_in, name="account_login"),
    path("account/logout/", views.sign_out, name="account_logout"),
    path("account/password/", views.change_own_password, name="account_change_password"),
    path("account/password/reset/", views.ask_for_password, name="account_reset_password"),
    path("account/password/reset/<uuid:letter>/", views.new_password, name="account_new_password"),
    path("account/login/again/", reauthenticate, name="account_reauthenticate"),
    path("account/login/code/", SecondStep.as_view(), name="mfa_authenticate"),
    path("account/login/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/login/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "account/login/again/passkey/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/security/", views.security, name="mfa_index"),
    path(
        "account/security/sign-out-everywhere/",
        views.sign_out_everywhere,
        name="account_sign_out_everywhere",
    ),
    path("account/security/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/security/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/security/passkeys/", views.security, name="mfa_list_webauthn"),
    path("account/security/passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path(
        "account/security/passkeys/<int:pk>/remove/",
        webauthn.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path(
        "account/security/recovery-codes/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/security/recovery-codes/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
]
