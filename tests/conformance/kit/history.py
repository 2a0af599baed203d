"""What the repository remembers of a list: an id that must pass is never taken away again."""

import subprocess

# Before this commit the lists were still being made.
SINCE = "7a507c02b51f437acc6140c0e65f1437da51238b"


def taken_away(path, ids):
    """The ids that a commit since then, or a change not yet committed, has taken out of a list that now has `ids`."""
    git = ["git", "-C", path.parent]
    if subprocess.run([*git, "cat-file", "-e", SINCE], capture_output=True, check=False).returncode:
        print(f"This checkout lacks the history in which to look for ids taken out of {path.name}.")
        return []
    told = [*git, "log", "--format=", "--patch", "--no-color", f"{SINCE}..HEAD", "--", path.name]
    changes = subprocess.run(told, capture_output=True, text=True, check=True).stdout
    told = [*git, "diff", "--no-color", "HEAD", "--", path.name]
    changes += subprocess.run(told, capture_output=True, text=True, check=True).stdout
    removed = {line[1:] for line in changes.splitlines() if line.startswith("-") and not line.startswith(("---", "-#"))}
    return sorted(removed - {""} - set(ids))
