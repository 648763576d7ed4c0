"""Research objects: every file is said to be what it is, nothing is referred to that is not there, and an independent reader understands them."""

import json

import pytest
from rocrate.rocrate import ROCrate

from coalitions import crate

CITATION = {
    "title": "Study", "abstract": "About.", "version": "1.2.3", "date-released": "2026-01-02", "keywords": ["a", "b"],
    "authors": [{"name": "Project"}, {"family-names": "Doe", "given-names": "Jo"}],
    "references": [{"title": "Brief", "authors": [{"family-names": "Roe", "given-names": "Ri"}], "year": 2024, "notes": "tested"}],
}  # fmt: skip
ABOUT = {"name": "Study", "description": "About.", "license": {"@id": crate.DATA_LICENCE["@id"]}}


def built(**settings) -> dict:
    parts = [crate.file_entity("Snakefile", 3, "0" * 64), crate.file_entity("data/a.csv", 5, "1" * 64, {"isBasedOn": [{"@id": "Snakefile"}]})]
    return crate.graph(ABOUT, parts, {"data/": {"name": "Data"}}, CITATION, **settings)


def by_id(graph: dict) -> dict[str, dict]:
    return {entity["@id"]: entity for entity in graph["@graph"]}


def test_a_file_has_its_kind_size_and_checksum():
    entity = by_id(built())["data/a.csv"]
    assert (entity["encodingFormat"], entity["contentSize"], entity["sha256"]) == ("text/csv", "5", "1" * 64)


def test_a_file_belongs_to_its_folder_and_only_to_it():
    entities = by_id(built())
    assert entities["./"]["hasPart"] == [{"@id": "data/"}, {"@id": "Snakefile"}]
    assert entities["data/"]["hasPart"] == {"@id": "data/a.csv"}  # one value stands for itself, as RO-Crate recommends


def test_the_date_is_that_of_the_release_and_the_same_content_gives_the_same_crate():
    assert by_id(built())["./"]["datePublished"] == "2026-01-02"
    assert json.dumps(built()) == json.dumps(built())


def test_people_and_organisations_are_told_apart_and_the_brief_is_cited():
    entities = by_id(built())
    assert [(entities[a["@id"]]["@type"], entities[a["@id"]]["name"]) for a in entities["./"]["author"]] == [("Organization", "Project"), ("Person", "Jo Doe")]
    assert entities[entities["./"]["citation"]["@id"]]["name"] == "Brief"


def test_with_a_workflow_it_follows_the_workflow_profile():
    entities = by_id(built(workflow="Snakefile"))
    assert {"@id": crate.WORKFLOW_PROFILE} in entities["ro-crate-metadata.json"]["conformsTo"]
    assert entities["./"]["mainEntity"] == {"@id": "Snakefile"}
    assert by_id(built())["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}


def test_an_independent_reader_finds_every_file(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "Snakefile").write_text("abc")
    (tmp_path / "data" / "a.csv").write_text("a\n1\n2")
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(built(workflow="Snakefile")))
    read = ROCrate(tmp_path)
    assert {entity.id for entity in read.data_entities} == {"Snakefile", "data/", "data/a.csv"}
    assert read.mainEntity.id == "Snakefile"
    assert read.root_dataset["license"].id == crate.DATA_LICENCE["@id"]


@pytest.mark.parametrize("path", ["../a.csv", "/a.csv", "a b.csv", "é.csv", "a//b.csv", "a/../b.csv", "a\n.csv", "", "a/"])
def test_a_path_that_could_lead_elsewhere_or_needs_escapes_is_refused(path):
    with pytest.raises(ValueError, match="rename it"):
        crate.check_path(path)


@pytest.mark.parametrize(
    ("path", "kind"), [("a.CSV", "text/csv"), ("workflow/x.R", "text/x-r"), (".gitignore", "text/plain"), ("LICENSE", "text/plain"), (".ci/run", "text/plain")]
)
def test_the_kind_is_read_from_the_name(path, kind):
    assert crate.media_type(path) == kind


def test_a_file_of_unknown_kind_is_refused():
    with pytest.raises(ValueError, match=r"no media type is known for .\.exe"):
        crate.media_type("a.exe")


def test_a_reference_that_nothing_answers_and_a_name_twice_are_refused():
    with pytest.raises(ValueError, match="which it does not describe"):
        crate.check_graph([{"@id": "a.csv", "isBasedOn": [{"@id": "gone.csv"}]}])
    with pytest.raises(ValueError, match="more than once"):
        crate.check_graph([{"@id": "a.csv"}, {"@id": "a.csv"}])


def test_figures_are_based_on_the_tables_that_they_show():
    tables = {"panels/a.csv": {"title": "A", "description": "Of a."}, "trends/b.csv": {"title": "B", "description": "Of b."}}
    said = crate.published(tables, {"fig": ["panels/a.csv"]}, {"fig": {"caption": "A caption, 95 \\%."}}, {"small": {"quotation": "small"}})
    assert said["figures/fig.svg"]["isBasedOn"] == [{"@id": "panels/a.csv"}]
    assert said["figures/fig.svg"]["description"] == "A caption, 95 %."
    assert said["figures/fig_single.pdf"]["name"] == "Figure fig, for one column"
    assert said["panels/a.dta"]["name"] == "A (Stata)"
    assert "trends/b.dta" not in said
    assert said["claims/small.json"]["description"] == "The brief says: small"
