"""Numbers of certificates: they follow from who holds them, so a life can cite one without looking anything up.

The certificates themselves are granted when a firm or a person enters the city (`city.lives.registration`,
`city.lives.approval_opening`).
"""

from city.population import Firm


def certificate_no(firm: Firm) -> str:
    """The number of the qualification a firm of its kind holds."""
    return f"{firm.kind}-{firm.number:05d}"


def person_certificate(firm: Firm, number: int = 0) -> str:
    """The number of the professional qualification of one of a firm's staff."""
    return f"ZJS-{firm.number:05d}-{number}"
