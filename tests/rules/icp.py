"""The playbook's example of an ICP, made active as its remark says: the `# ` taken off."""

from __future__ import annotations

from rules.playbook_file import BUILT_IN


def with_example(text: str | None = None) -> str:
    """Return the built-in playbook with its example of ideal clients active."""
    lines = (text or BUILT_IN.read_text(encoding="utf-8")).splitlines()
    first = lines.index("# icp:")
    end = lines.index("", first)
    lines[first:end] = [line.removeprefix("# ") for line in lines[first:end]]
    return "\n".join(lines) + "\n"
