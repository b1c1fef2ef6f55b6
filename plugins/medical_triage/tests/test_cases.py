"""Written cases are sent where they belong; measured values and denials are read as a clinician writes them."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from assistant import UserError
from plugins.medical_triage.commands import add_commands
from plugins.medical_triage.evaluation import judge, read_cases, triage_report
from plugins.medical_triage.facts import plain, read_facts
from plugins.medical_triage.rules import level_of, matching
from plugins.medical_triage.spelling import corrected
from plugins.medical_triage.vitals import judged, read_vitals

CASES = Path(__file__).parent.parent / "cases"


@pytest.mark.parametrize("half", ["developed", "held_out"])
def test_our_own_cases_find_emergencies_and_send_nobody_two_levels_too_low(half: str) -> None:
    report = triage_report(judge(read_cases(CASES / f"{half}.jsonl")))
    assert report.value("emergency: sent rightly") * report.value("emergency: cases") >= 1400
    assert report.value("sent rightly") >= 85
    assert not report.missed, "none is sent two levels too low"


def test_the_same_in_other_words_is_sent_to_the_same_place() -> None:
    report = triage_report(judge(read_cases(CASES / "robustness.jsonl")))
    assert report.value("groups sent to one place") >= 95
    assert report.value("sent rightly") >= 95
    assert not report.missed


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("A 40-year-old man, who had shingles at 30, has a cough.", {"shingles"}),
        ("A 59-year-old had his appendix out as a boy and feels well.", {"right_lower"}),
        ("A 30-year-old with a blocked nose; her grandfather died of throat cancer.", {"cancer"}),
        ("A 50-year-old. No fever, no rash. The belly is soft and not tender.", {"fever", "rash", "belly_pain"}),
        ("A 20-year-old with hay fever sneezes.", {"fever"}),
        ("A 33-year-old speaks in full sentences.", {"labored"}),
    ],
)
def test_what_is_over_denied_or_somebody_elses_is_no_symptom(text: str, kept: set[str]) -> None:
    assert not kept & read_facts(text).present


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("F 7/12. Screaming.", 7 / 12),
        ("6/52 M, T 38.4", 6 / 52),
        ("M 82, drowsy", 82),
        ("5 y F, vomited", 5),
        ("My mother, 71, fell", 71),
        ("33 F, 36/40, pain", 33),
    ],
)
def test_ages_are_read_as_clinicians_write_them(text: str, age: float) -> None:
    assert read_facts(text).age == pytest.approx(age)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("cough x 4 days, known diabetic", 96),
        ("pain since 2/52", 336),
        ("He had a knee replacement three weeks ago. For two days his calf has been sore.", 48),
        ("The swelling began 3 days ago.", 72),
        ("Cramps every two hours", None),
    ],
)
def test_how_long_the_complaint_lasts(text: str, hours: float | None) -> None:
    assert read_facts(text).hours == hours


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("cheast pain", "chest pain"), ("my brething is bad", "my breathing is bad"), ("sezure", "seizure")],
)
def test_typing_errors_in_words_that_matter_are_undone(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    "text", ["spelling and breeding", "though he brought bread", "a cheat sheet for the chess test"]
)
def test_other_words_are_left_alone(text: str) -> None:
    assert corrected(text) == text


@pytest.mark.parametrize(
    ("text", "age", "findings"),
    [
        ("temp 101.5 F, pulse 88", 30, {"fever"}),
        ("T 39.4, HR 140, RR 30, BP 85/50", 40, {"fever", "high_fever", "raised_vitals", "danger_vitals"}),
        ("heart rate 140", 0.5, set()),
        ("respiratory rate of 48", 4, {"raised_vitals"}),
        ("SpO2 88% on room air", 70, {"danger_vitals"}),
        ("the thermometer says 38.4", 1, {"fever"}),
        ("40 F with a cough, 38.4 kg, BP 130/80, temperature 36.9", 40, set()),
        ("体温39.5度", 30, {"fever", "high_fever"}),
    ],
)
def test_measured_values_are_judged_by_age(text: str, age: float, findings: set[str]) -> None:
    alone = {"measured_danger", "measured_high"}  # in `test_safety.py`
    assert judged(read_vitals(plain(text)), age) - alone == findings


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("a hundred and four fever", "urgent"),
        ("my fever is one hundred and three", "urgent"),
        ("体温三十九度八", "urgent"),
        ("my blood sugar is 45", "urgent"),
        ("sugar two point five", "urgent"),
        ("血糖2.8", "urgent"),
        ("my glucose is 3.1 and I'm sweating", "emergency"),
        ("sugar level five hundred", "urgent"),
        ("my blood pressure is one ninety over one ten", "urgent"),
        ("高压200低压120", "urgent"),
        ("脉搏一百六十", "emergency"),
        ("my heart is beating 170 times a minute", "emergency"),
        ("血氧百分之八十五", "emergency"),
        ("glucose 5.6 mmol/L", "doctor"),
        ("blood pressure 120 over 80", "doctor"),
        ("my temperature is 98.6 F", "doctor"),
    ],
)
def test_values_are_judged_in_both_units_and_in_words(text: str, level: str) -> None:
    assert level_of(matching(read_facts(text))) == level


def test_a_denied_list_is_denied_to_its_end() -> None:
    facts = read_facts("A 40-year-old man has a cough. He denies fever, sweats, chest pain, vomiting or diarrhea.")
    assert "cough" in facts.present
    assert not {"fever", "chest_pain", "vomiting", "diarrhoea"} & facts.present


def test_illness_in_the_family_is_not_the_patients() -> None:
    facts = read_facts("A 30-year-old woman with itchy skin. Her mother has asthma, family history of seizures.")
    assert not {"asthma", "seizure"} & facts.present


def test_who_brings_the_patient_is_not_the_one_who_is_ill() -> None:
    told = "A 6-year-old boy is brought in by his mother with two days of right ear pain."
    assert "earache" in read_facts(told).present
    assert "asthma" not in read_facts("A 6-year-old boy is brought in by his mother who has asthma.").present


def test_what_nobody_understood_goes_to_a_doctor() -> None:
    (verdict,) = judge(read_cases_of('{"case_description": "the aura wobbles", "urgency_level": "ne"}'))
    assert verdict.given == "ne"


def read_cases_of(text: str) -> list:  # type: ignore[type-arg]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cases.jsonl")
        path.write_text(text, "utf-8")
        return read_cases(path)


@pytest.mark.parametrize("line", ["{", '{"case_description": "x"}', '{"case_description": "x", "urgency_level": "hm"}'])
def test_line_that_is_no_case_is_named(line: str) -> None:
    with pytest.raises(UserError, match=r"cases\.jsonl:1: "):
        read_cases_of(line)


def test_command_prints_figures_and_misses(tmp_path: Path) -> None:
    commands: list[click.Command] = []
    add_commands(commands.append)
    evaluate = next(command for command in commands if command.name == "evaluate")
    path = tmp_path / "cases.jsonl"
    rows = [("I have crushing chest pain", "em"), ("a cold since yesterday", "em")]
    lines = (json.dumps({"case_description": text, "urgency_level": level}) for text, level in rows)
    path.write_text("\n".join(lines))
    shown = CliRunner().invoke(evaluate, ["triage", str(path), "--misses", "--rules-only"])
    assert "under-triage by two levels" in shown.output
    assert "missed" in shown.output
    assert "em sent to sc: a cold since yesterday" in shown.output
    figures = json.loads(CliRunner().invoke(evaluate, ["triage", str(path), "--json", "--rules-only"]).output)
    found = {row["metric"]: row["value"] for row in figures["rows"]}
    assert (found["emergency: sent rightly"], found["emergency: sent to self-care"]) == (50, 1)
    assert (found["under-triage"], found["under-triage by two levels"]) == (50, 1)
