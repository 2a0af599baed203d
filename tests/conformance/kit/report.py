"""What passed and what did not, held against the lists in the repository."""

import contextlib
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Lists:
    """Two files: the ids that must pass, which only ever become more, and those known not to, with reasons."""

    passing: list
    missing: dict

    @classmethod
    def read(cls, folder):
        passing = [line for line in (folder / "passing.txt").read_text().splitlines() if line and line[0] != "#"]
        missing, reason, fresh = {}, None, True
        for line in (folder / "missing.txt").read_text().splitlines():
            if line.startswith("#"):
                reason = f"{line[1:].strip()}" if fresh else f"{reason} {line[1:].strip()}"
                fresh = False
            elif line:
                assert reason, f"{folder}/missing.txt gives no reason for {line}"
                missing[line] = reason
                fresh = True
        assert len(set(passing)) == len(passing), f"{folder}/passing.txt has an id twice"
        both = set(passing) & set(missing)
        assert not both, f"both in passing.txt and missing.txt of {folder}: {sorted(both)}"
        return cls(passing, missing)


@dataclass
class Report:
    """The outcome of each check, by its id, whose first part is the suite: `osc/keystone/snapshot-set`."""

    outcomes: dict = field(default_factory=dict)

    @contextlib.contextmanager
    def check(self, id_):
        """A check, which passes unless the block raises. What comes after it is tried all the same."""
        began = time.monotonic()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever went wrong is what the report is for
            self.failed(id_, f"{type(error).__name__}: {error}")
            where = traceback.extract_tb(error.__traceback__)[-1]
            print(f"FAILED {id_}\n    {error}\n    at {where.filename}:{where.lineno}", flush=True)
        else:
            self.passed(id_)
            print(f"ok {id_} ({time.monotonic() - began:.1f} s)", flush=True)

    def passed(self, id_):
        assert id_ not in self.outcomes, f"{id_} is the id of two checks"
        self.outcomes[id_] = None

    def failed(self, id_, reason):
        assert id_ not in self.outcomes, f"{id_} is the id of two checks"
        self.outcomes[id_] = reason

    def judge(self, lists, within=lambda _: True):
        """The ids that passed but are in no list, and what is wrong, in words. `within` says which ids were to run."""
        new = [id_ for id_, reason in self.outcomes.items() if reason is None and id_ not in lists.passing]
        wrong = []
        for id_ in filter(within, lists.passing):
            if id_ not in self.outcomes:
                wrong.append(f"{id_}: is in passing.txt and did not run")
        for id_, reason in self.outcomes.items():
            if reason is not None and id_ not in lists.missing:
                known = "is in passing.txt and failed" if id_ in lists.passing else "failed, and is in no list"
                wrong.append(f"{id_}: {known}: {reason.splitlines()[0] if reason else reason}")
        return new, wrong


def table(title, outcomes, lists, group):
    """A line for each group of ids: how many passed, failed, and are known to be missing."""
    passed, failed, missing = Counter(), Counter(), Counter()
    for id_, reason in outcomes.items():
        which = passed if reason is None else missing if id_ in lists.missing else failed
        which[group(id_)] += 1
    groups = sorted({*passed, *failed, *missing})
    width = max([len(title), *map(len, groups)])
    lines = [f"{title:<{width}}  passed  failed  known missing"]
    lines += [f"{name:<{width}}  {passed[name]:>6}  {failed[name]:>6}  {missing[name]:>13}" for name in groups]
    return "\n".join(lines)
