"""Problems that an admin can insist on: a retry then goes on in spite of them."""

from domain.rotation.insistence import is_insisted_on
from domain.rotation.rotation import Rotation
from services.faults import Fault
from services.rotation.fault_reasons import reason_of


def raise_unless_insisted_on(rotation: Rotation, problem: Fault) -> None:
    """Raise a problem until a person has retried because of this very one."""
    if not is_insisted_on(rotation, reason_of(problem)):
        raise problem from None
