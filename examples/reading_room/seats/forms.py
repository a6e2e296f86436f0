"""What we ask of someone who wants a seat."""

from upheld.promises.collection import DeclaredForm, declared_input


class SeatForm(DeclaredForm):
    """Both inputs are built from their declarations: this form can ask for nothing else."""

    key = "seat"

    name = declared_input("guest.name", required=True, label="Your name", max_length=120)
    email = declared_input("guest.email", required=True, label="E-mail address")
