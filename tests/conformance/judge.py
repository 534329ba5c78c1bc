"""What a run of the Autobahn TestSuite is worth: counts, and the cases that should not be so.

Pure: from wstest's index.json and our expected.json to text and a verdict. No process, no file.
"""

from collections import Counter
from dataclasses import dataclass, field

# OK and NON-STRICT swap with the timing in groups 3 and 4: one class.
# INFORMATIONAL cases have no right answer.
GOOD = ("OK", "NON-STRICT", "INFORMATIONAL")


def case_key(case):
    """Orders 2.10 after 2.9."""
    return [int(part) for part in case.split(".")]


def is_good(result):
    return result["behavior"] in GOOD and result["behaviorClose"] in GOOD


@dataclass
class Verdict:
    results: dict
    announced: int
    unexpected: list = field(default_factory=list)  # cases that failed and may not
    excused: list = field(default_factory=list)  # cases that failed as expected.json says
    healed: list = field(default_factory=list)  # cases of expected.json that are good now

    @property
    def complete(self):
        return 0 < self.announced == len(self.results)

    @property
    def passed(self):
        return self.complete and not self.unexpected


def judge(results, announced, exceptions):
    """results: case -> {behavior, behaviorClose}; announced: how many cases wstest said it would
    run; exceptions: expected.json, a list of {case, behavior, behaviorClose, because}."""
    verdict = Verdict(results, announced)
    excuses = {}
    for entry in exceptions:
        missing = {"case", "behavior", "behaviorClose", "because"} - entry.keys()
        if missing or not entry["because"].strip():
            raise ValueError(f"an entry of expected.json lacks {', '.join(sorted(missing)) or 'a reason'}: {entry}")
        excuses[entry["case"]] = (entry["behavior"], entry["behaviorClose"])
    for case in sorted(results, key=case_key):
        result = results[case]
        if is_good(result):
            if case in excuses:
                verdict.healed.append(case)
        elif excuses.get(case) == (result["behavior"], result["behaviorClose"]):
            verdict.excused.append(case)
        else:
            verdict.unexpected.append(case)
    return verdict


def table(results):
    behavior = Counter(result["behavior"] for result in results.values())
    close = Counter(result["behaviorClose"] for result in results.values())
    classes = [*GOOD, *sorted((behavior.keys() | close.keys()) - set(GOOD))]
    lines = [f"{'':<18}{'behaviour':>10}{'close':>10}"]
    lines += [f"{name:<18}{behavior[name]:>10}{close[name]:>10}" for name in classes]
    lines += [f"{'cases':<18}{len(results):>10}{len(results):>10}"]
    return "\n".join(lines)


def report(verdict):
    def line(case, remark):
        result = verdict.results[case]
        return f"{case:<10}{result['behavior']:<18}{result['behaviorClose']:<18}{remark}"

    lines = [table(verdict.results)]
    bad = [line(case, "unexpected") for case in verdict.unexpected]
    bad += [line(case, "as expected.json says") for case in verdict.excused]
    if bad:
        lines += ["", f"{'case':<10}{'behaviour':<18}{'close':<18}", *bad]
    if verdict.healed:
        lines += ["", f"good now, so no longer needed in expected.json: {', '.join(verdict.healed)}"]
    if not verdict.complete:
        lines += ["", f"wstest was to run {verdict.announced} cases and has results of {len(verdict.results)}"]
    return "\n".join(lines)
