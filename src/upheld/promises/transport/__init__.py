"""Personal data travels encrypted, and a card's number never reaches us."""

from upheld.promises.transport.card_numbers import contains_card_number, refuse_card_numbers

__all__ = ["contains_card_number", "refuse_card_numbers"]
