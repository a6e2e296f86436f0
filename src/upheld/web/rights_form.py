"""The form that asks for whose data a link is to be mailed."""

from __future__ import annotations

from upheld.promises.collection import DeclaredForm, declared_input


class RightsRequestForm(DeclaredForm):
    """One address; it is looked for and not stored."""

    key = "rights_request"

    email = declared_input(
        "request.email",
        required=True,
        label="E-mail address",
        error_messages={
            "required": "Type the e-mail address that we may know you by.",
            "invalid": "This is not an e-mail address. It looks like name@example.com.",
        },
    )
