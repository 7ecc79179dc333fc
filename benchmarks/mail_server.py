"""The sandbox with as many people with mailboxes as the mail benchmark wants: MAILBOXES of them.

Who exists is read when the sandbox is loaded, so they are added before.
"""

from __future__ import annotations

import os
import sys

from sandbox import people

MORE = [
    people.Person(f"manager{number}@example.com", f"Manager {number}", f"{number:020d}")
    for number in range(3, int(os.environ.get("MAILBOXES", "5")) + 1)
]


def main() -> int:
    """Serve."""
    everybody: tuple[people.Person, ...] = (*people.PEOPLE, *MORE)
    people.__dict__["PEOPLE"] = everybody
    people.PRINCIPALS |= {person.email: person for person in MORE}
    people.MAILBOX_OWNERS = tuple(person.email for person in everybody)
    people.DELEGATORS = frozenset(people.MAILBOX_OWNERS)
    from sandbox.__main__ import main as serve  # what it imports reads who exists

    return serve(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
