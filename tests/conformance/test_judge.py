"""The verdict on a conformance run, case by case of what can go wrong."""

import pytest
from judge import judge, report

OK = {"behavior": "OK", "behaviorClose": "OK"}
NON_STRICT = {"behavior": "NON-STRICT", "behaviorClose": "OK"}
FAILED = {"behavior": "FAILED", "behaviorClose": "OK"}
UNCLEAN = {"behavior": "OK", "behaviorClose": "UNCLEAN"}
EXCUSE = {"case": "2.10", **FAILED, "because": "a reason"}


def test_ok_and_non_strict_pass():
    verdict = judge({"1.1.1": OK, "3.2": NON_STRICT}, 2, [])
    assert verdict.passed
    assert "unexpected" not in report(verdict)


@pytest.mark.parametrize("result", [FAILED, UNCLEAN])
def test_a_failure_in_either_behaviour_fails(result):
    verdict = judge({"1.1.1": OK, "2.10": result}, 2, [])
    assert not verdict.passed
    assert verdict.unexpected == ["2.10"]


def test_a_listed_failure_is_excused():
    verdict = judge({"2.10": FAILED}, 1, [EXCUSE])
    assert verdict.passed
    assert verdict.excused == ["2.10"]


def test_a_listed_case_that_fails_otherwise_is_unexpected():
    assert judge({"2.10": UNCLEAN}, 1, [EXCUSE]).unexpected == ["2.10"]


def test_a_listed_case_that_is_good_is_told():
    verdict = judge({"2.10": OK}, 1, [EXCUSE])
    assert verdict.passed
    assert "no longer needed in expected.json: 2.10" in report(verdict)


def test_an_exception_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="lacks a reason"):
        judge({}, 0, [{**EXCUSE, "because": " "}])


def test_missing_results_fail():
    verdict = judge({"1.1.1": OK}, 2, [])
    assert not verdict.passed
    assert "was to run 2 cases and has results of 1" in report(verdict)


def test_no_case_at_all_fails():
    assert not judge({}, 0, []).passed


def test_cases_are_listed_in_their_own_order():
    verdict = judge({"2.10": FAILED, "2.9": FAILED, "10.1.1": FAILED}, 3, [])
    assert verdict.unexpected == ["2.9", "2.10", "10.1.1"]
