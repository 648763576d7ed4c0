"""The report: escaping, numbers, strict templates."""

import re

import pandas as pd
import pypandoc
import pytest
from jinja2 import DictLoader, TemplateNotFound, UndefinedError
from markupsafe import Markup

from coalitions import quoted, report
from coalitions.catalogue import QUOTED

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](javascript:alert(1))", "![x](http://example.org/x.png)", "<http://example.org>", "a | b", "`rm -rf`", "``` code", "*b* _i_ **s**",
    "# heading", "- item", "1. item", "> quote", "$x^2$", "\\begin{x}", "\\", "@karlsrud2024", "[@key]", "[^1]", "^[note]", "&amp; &lt;", "{.class}", "{{ 7 * 7 }}", "{% raw %}", "<# x #>", "H~2~O ~~x~~",
    "a -- b --- c ...", '"quoted" \'single\'', "two\nlines\n\n# three", "line one\r\n| x | y |", "--- | ---", ": definition", "=cmd|' /C calc'!A0", "😀 é 中文", "(@) x", "~~~ x", "<!-- x -->", "***", "[]: http://x", "a\tb",
]  # fmt: skip


def page(markdown):
    return pypandoc.convert_text(markdown, "html5", "markdown", extra_args=["--wrap=none"])


def words(html):
    """The text of a page without its tags."""
    import html as entities

    return entities.unescape(re.sub(r"<[^>]*>", "", html))


@pytest.fixture(scope="module")
def paragraphs():
    """Each hostile text as a paragraph of its own, through pandoc."""
    return page("\n\n".join(f"BEGIN {report.escaped(text)}\n\n{report.escaped(text)}\n\nEND" for text in HOSTILE))


def test_hostile_paragraphs_are_nothing_but_paragraphs(paragraphs):
    assert set(re.findall(r"<(/?\w+)", paragraphs)) == {"p", "/p"}
    assert paragraphs.count("<p>") == 3 * len(HOSTILE)


def test_hostile_paragraphs_mean_the_same_text(paragraphs):
    found = re.findall(r"BEGIN (.*?)</p>", paragraphs, flags=re.DOTALL)
    assert [words(text) for text in found] == [re.sub(r"\s+", " ", text) for text in HOSTILE]


def test_hostile_cells_are_cells_of_one_table_with_the_same_text():
    table = page(report.pipe_table(HOSTILE[:3], [[text, "middle", text] for text in HOSTILE]))
    assert set(re.findall(r"<(\w+)", table)) <= {"table", "colgroup", "col", "thead", "tbody", "tr", "th", "td"}
    rows = re.findall(r"<tr[^>]*>\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>middle</td>\s*<td[^>]*>(.*?)</td>\s*</tr>", table, flags=re.DOTALL)
    assert [words(first) for first, _ in rows] == [re.sub(r"\s+", " ", text) for text in HOSTILE]
    assert [words(last) for _, last in rows] == [re.sub(r"\s+", " ", text) for text in HOSTILE]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_is_printed_escaped_and_never_run_as_a_template(text):
    env = report.environment(DictLoader({}))
    assert env.from_string("{{ x }}").render(x=text) == report.escaped(text)
    assert env.from_string("{{ pipe_table(['h'], [[x]]) }}").render(x=text) == report.pipe_table(["h"], [[text]])


def test_a_template_cannot_be_loaded_through_a_value():
    env = report.environment(DictLoader({}))
    with pytest.raises(TemplateNotFound):
        env.from_string("{% include x %}").render(x="/etc/passwd")


def test_escaping_leaves_letters_and_marks_that_are_safe_alone():
    assert report.escaped("Forces de paix, Mali; été 2003") == "Forces de paix, Mali; été 2003"
    assert report.escaped(Markup("**kept**")) == "**kept**"
    assert report.escaped(5) == "5"


def test_a_table_marks_its_alignment():
    header, marks, row = report.pipe_table(["a", "b"], [["x", 1]], "lr").splitlines()
    assert (header, row) == ("| a | b |", "| x | 1 |")
    assert re.fullmatch(r"\| :-+ \| -+: \|", marks)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (3.14159, 2, "3.14"),
        (-1.5, 1, "−1.5"),
        (1234567.891, 1, "1\u202f234\u202f567.9"),
        (-1234, 0, "−1\u202f234"),
        (0, 2, "0.00"),
        (None, 2, "–"),
        (float("nan"), 2, "–"),
        (pd.NA, 2, "–"),
        (7, 3, "7.000"),
    ],
)
def test_numbers(value, digits, text):
    assert report.number(value, digits) == text


@pytest.mark.parametrize(("value", "text"), [(12345, "12\u202f345"), (3.0, "3"), (None, "–"), (0, "0")])
def test_counts(value, text):
    assert report.count(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.5, "50\u202f%"), (1, "100\u202f%"), (0, "0\u202f%"), (0.996, "100\u202f%"), (None, "–"), (float("nan"), "–")])
def test_shares(value, text):
    assert report.percent(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.0005, "< 0.001"), (0.001, "0.001"), (0.0494, "0.049"), (1.0, "1.000"), (0, "< 0.001"), (None, "–"), (float("nan"), "–")])
def test_p_values(value, text):
    assert report.p_value(value) == text


def test_intervals():
    assert report.interval(-1.234, 5) == "[−1.23, 5.00]"
    assert report.interval(None, 2, 1) == "[–, 2.0]"


def test_a_number_that_rounds_to_zero_has_no_sign():
    assert report.number(-0.001) == "0.00"


@pytest.mark.parametrize(
    "template",
    [
        "{{ x }}",
        "{{ x.y }}",
        "{{ claim.nothing }}",
        "{{ x | number }}",
        "{{ x | count }}",
        "{{ x | percent }}",
        "{{ x | p }}",
        "{{ interval(x, 1) }}",
        "{{ pipe_table(['a'], [[x]]) }}",
        "{% if x %}a{% endif %}",
        "{% for y in x %}{% endfor %}",
        "{{ arrangement_name(x) }}",
    ],
)
def test_an_undefined_name_stops_the_run_wherever_it_stands(template):
    with pytest.raises(UndefinedError):
        report.environment(DictLoader({})).from_string(template).render(claim={})


def test_filters_print_escaped_numbers():
    render = report.environment(DictLoader({})).from_string("{{ x | number }} {{ y | p }} {{ z | percent }}").render(x=-1.5, y=0.0001, z=0.25)
    assert words(page(render)).strip().replace("\u202f", " ") == "−1.50 < 0.001 25 %"


def test_numbers_keep_their_no_break_spaces_when_they_are_printed():
    assert report.environment(DictLoader({})).from_string("{{ x | count }}").render(x=1200) == "1\u202f200"


@pytest.mark.parametrize("path", ["claims/growth.json", "trends/launch_trend.csv", "a-b_c.csv"])
def test_paths_of_the_project_pass(path):
    assert report.safe_path(path) == path


@pytest.mark.parametrize("path", ["", "a b", "a`b", "a\n", "a|b", "é", "a<b"])
def test_other_text_is_no_path(path):
    with pytest.raises(ValueError, match="no path of the project"):
        report.safe_path(path)


class Values(dict):
    """Values of which tables that a test does not write out are empty."""

    def __missing__(self, name):
        return []


def known(quotation="short | <b>"):
    """The least that compose needs: one claim and one line of each table."""
    estimate = {"theta": 1.0, "details": {"x": -2.5}}
    claim = {"id": "growth", "estimand": "e", "verdict": "supported", "grade": "A", "estimate": estimate, "claim": {"quotation": quotation}}
    verdict = {"claim": "growth", "quotation": quotation, "reported": "supported", "grade": "A", "theta": 1.0, "lower": 0.5, "upper": None, "sesoi": 1.0, "same_verdict": 0.8}
    summary = {
        "arrangement": "ahc",
        "n": 5,
        "events": 4,
        "median_years": 1.5,
        "median_lower": None,
        "median_upper": 2.0,
        "rmst_5": 1.0,
        "rmst_5_lower": 0.5,
        "rmst_5_upper": 1.5,
        "mean_calendar_years": 2.0,
    }
    return {
        "config": {"survival": {"tau_years": [5]}}, "claims": [claim], "verdicts": [verdict], "summary": [summary], "models": {name: [] for name in QUOTED["duration"]}, "trends": {name: [] for name in QUOTED["trends"]}, "fragmentation": {name: [] for name in QUOTED["fragmentation"]}, "logrank": [{"model": "ahc, un", "statistic": 3.0, "df": 1, "p": 0.04, "permutation_p": None}],
        "rules": {"broad": "True"}, "by_scope": {"broad": {"ahc": 1, "un": 2, "regional": 3}}, "gaps": [{"field": "start", "gap": "one source", "operations": 1200}],
    }  # fmt: skip


def compose(template, captions=None, answers=None, **changes):
    captions, answers = captions or {"f": {"caption": "c", "alt": "a"}}, answers or {"e": {"default": "It is {{ verdict }}: {{ d.x | number(1) }}."}}
    return report.compose({"report.md.j2": template}, captions, answers, Values(known() | changes))


def test_tables_of_the_report_are_made_of_its_values():
    text, _ = compose(
        "{{ pipe_table(['a'] * 8, rows_of_verdicts) }}\n{{ pipe_table(['a'] * 7, rows_of_summary) }}\n{{ pipe_table(['a'] * 5, rows_of_scopes) }}\n{{ pipe_table(['a'] * 3, rows_of_gaps) }}"
    )
    html = page(text.replace("\n| a", "\n\n| a"))
    cells = [words(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", html)]
    assert {"short | <b>", "[0.50, –]", "1.0 [0.5, 1.5]", "Ad hoc coalitions", "1 200"} <= {cell.replace("\u202f", " ") for cell in cells}
    assert "<b>" not in html


def test_an_answer_is_chosen_by_verdict_and_mixed_claims_say_so():
    assert compose("{{ answers.growth }}")[0] == "It is supported: −2\\.5."
    mixed = known()["claims"][0] | {"grade": "C"}
    assert compose("{{ answers.growth }}", claims=[mixed])[0].startswith("It is mixed \\(supported in the primary specification\\)")
    assert compose("{{ answers.growth }}", answers={"e": {"supported": "Yes.", "default": "No."}})[0] == "Yes."


NAMED = {"operation_names": {"untso-1948": "UN Truce | *Supervision*"}, "formulas": {"km": "S_t"}}


def test_an_operation_is_a_link_to_its_entry_and_a_theatre_is_text():
    text, _ = compose("{{ case('untso-1948', operation_names['untso-1948']) }} and {{ case('AFG', 'Afghanistan [x](y)') }}", **NAMED)
    assert page(text).strip() == '<p><a href="explorer.html#op-untso-1948">UN Truce | *Supervision*</a> and Afghanistan [x](y)</p>'


def test_numbers_and_tables_link_to_the_file_that_holds_them():
    text, _ = compose("{{ holds(claims[0], '1.5 [1, 2]') }} {{ source('duration/cox.csv') }} {{ file('CHANGELOG.md') }}")
    assert re.findall(r'href="([^"]*)"', page(text)) == ["../claims/growth.json", "../duration/cox.csv", "../../CHANGELOG.md"]
    with pytest.raises(ValueError, match="no path"):
        compose("{{ link_to('a) [b](c') }}")


def test_a_formula_is_one_display():
    assert compose("{{ formula('km') }}", **NAMED)[0] == "$$S_t$$"


def test_records_behind_a_result_are_the_operations_that_its_details_name():
    names = {"cmf-2002": "CMF", "imsc-2019": "IMSC"}
    details = {"launches": ["cmf-2002 (2002-02-14)", "imsc-2019 (2019-11-07)"], "shared": [], "states": ["FRA"], "last_launch": "imsc-2019", "x": 1.5, "never_seen": ["other-2000"]}
    assert report.cases_of(details, names) == [
        {"what": "last launch", "cases": [{"operation_id": "imsc-2019", "name": "IMSC"}]},
        {"what": "launches", "cases": [{"operation_id": "cmf-2002", "name": "CMF"}, {"operation_id": "imsc-2019", "name": "IMSC"}]},
    ]
    assert report.cases_of(None, names) == []


def test_a_specification_curve_is_captioned_for_each_claim():
    text, captions = compose(
        "{% if spec_figure(claims[0]) in captions %}{{ captions[spec_figure(claims[0])].caption }}{% endif %}", captions={"spec": {"caption": "All of {{ claim.id }}", "alt": "x"}}
    )
    assert text == "All of growth"
    assert list(captions) == ["spec_growth"]
    assert compose("{% if spec_figure(claims[0]) in captions %}yes{% endif %}")[0] == ""


def test_a_column_is_as_wide_as_what_is_seen_in_it():
    wide = [Markup("[ab](#a-long-target-that-nobody-sees)")]
    assert report.pipe_table(["h"], [wide]).splitlines()[1] == report.pipe_table(["h"], [["ab"]]).splitlines()[1]
    widths = [len(mark) for mark in report.pipe_table(["two words", "x"], [["a", "y" * 90]], widest=60).splitlines()[1].strip("| ").split(" | ")]
    assert widths == [9, 64]


ALT = {"f": {"caption": "c", "alt": 'The {{ claims[0].claim.quotation }} "line".'}}


def test_an_alternative_text_cannot_end_its_attribute():
    text, captions = compose('![x](f.svg){#fig:f alt="{{ captions.f.alt }}"}', captions=ALT)
    html = page(text)
    assert html.count("<img") == 1
    assert "line" in re.search(r'alt="([^"]*)"', html).group(1)
    assert "\\" not in captions["f"]["alt"]
    assert '"' not in captions["f"]["alt"]


def test_an_alternative_text_is_plain_text():
    assert compose("x", captions=ALT)[1]["f"]["alt"] == "The short | <b> ”line”."


def test_a_name_that_the_report_does_not_know_stops_it():
    with pytest.raises(UndefinedError):
        compose("{{ nothing }}")
    with pytest.raises(UndefinedError):
        compose("x", answers={"e": {"default": "{{ d.nothing }}"}})


def test_the_words_that_a_claim_tests_are_bold_where_its_name_is_among_them():
    sentence = "small, exclusive and often short-lived coalitions"
    assert quoted.tested("short-lived", sentence) == report.escaped("small, exclusive and often ") + "**" + report.escaped("short-lived") + "** coalitions"
    assert quoted.tested("growth", sentence) == report.escaped(sentence)


def test_days_apart_count_the_cases_that_agree_and_leave_out_those_without_a_date():
    agreement = [{"round": "one", "variable": "start", "level": "interval", "both_coded": 4}, {"round": "one", "variable": "domain", "level": "nominal", "both_coded": 4}]
    pairs = [("2001-01-01", "2001-01-11"), ("2002-06", "2002-06-15"), ("2003-01-01", None)]
    rows = [{"round": "one", "variable": "start", "first": a, "second": b} for a, b in pairs]
    found = quoted.days_apart(agreement, rows)
    assert list(found) == [("one", "start")]
    assert found["one", "start"][0] == pytest.approx(0.0, abs=1)
    assert found["one", "start"][1] == pytest.approx(7, abs=0.5)


@pytest.mark.parametrize(("value", "said"), [(0, "no theatres"), (None, "no theatres"), (1, "1 theatre"), (12, "12 theatres")])
def test_numbers_of_things_have_the_form_that_fits(value, said):
    assert quoted.counted(value, "theatre") == said


def test_choices_come_in_the_order_of_their_part_with_the_primary_value_in_bold():
    claim = {"id": "x", "primary": {"a": 10, "b": "un"}, "spread": [{"dimension": "a", "share": 0.1}, {"dimension": "b", "share": 0.7}]}
    rows = [("a", 5, 0.5), ("a", 10, 1.0), ("b", "un", 0.25)]
    choices = [{"claim": "x", "dimension": d, "value": v, "share_same_verdict": s} for d, v, s in rows] + [{"claim": "y", "dimension": "c", "value": 1, "share_same_verdict": 1}]
    found = quoted.choice_rows(claim, choices, {"a": "Horizon", "b": "Against whom"})
    assert [row[0] for row in found] == ["Against whom", "Horizon"]
    assert found[1][1] == Markup(f"5 {report.escaped(report.percent(0.5))}, **10** {report.escaped(report.percent(1.0))}")
