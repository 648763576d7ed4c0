"""A rebuild beside the published results: what counts as a difference."""

from coalitions import compare

CRATE = b'{"@id": "a.csv", "contentSize": "%d", "sha256": "%s", "name": "%s"}'


def test_checksums_in_a_research_object_follow_from_the_files_and_are_no_difference_of_their_own():
    published = {"ro-crate-metadata.json": CRATE % (5, b"0" * 64, b"A")}
    assert compare.differences(published, {"ro-crate-metadata.json": CRATE % (6, b"f" * 64, b"A")}) == []


def test_what_a_research_object_says_of_a_file_is_a_difference():
    (found,) = compare.differences({"ro-crate-metadata.json": CRATE % (5, b"0" * 64, b"A")}, {"ro-crate-metadata.json": CRATE % (6, b"0" * 64, b"B")})
    assert not found.tolerated


def test_a_number_within_the_tolerance_is_tolerated_and_one_beyond_it_is_not():
    (near,) = compare.differences({"a.csv": b"x\n1.0\n"}, {"a.csv": b"x\n1.0000001\n"})
    (far,) = compare.differences({"a.csv": b"x\n1.0\n"}, {"a.csv": b"x\n1.1\n"})
    assert near.tolerated
    assert not far.tolerated


def test_a_missing_and_a_surplus_file_are_differences():
    assert {d.path: d.tolerated for d in compare.differences({"a.csv": b""}, {"b.csv": b""})} == {"a.csv": False, "b.csv": False}
